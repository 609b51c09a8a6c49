using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.E2E.Hosting.Stories;

/// <summary>Gemini's generateContent, as Gemini 3 speaks it: calls without ids, the first of them signed, and the signature wanted back.</summary>
internal sealed class GeminiStoryWire(HttpContext context) : StoryWire(context)
{
    public const string Key = "AIza-story";

    // Four samples of silence.
    private const string Silence = "AAAAAAAAAAA=";

    private static readonly string Usage = """{"promptTokenCount":42,"cachedContentTokenCount":30,"candidatesTokenCount":6,"thoughtsTokenCount":3,"totalTokenCount":51}""";

    // TEXT, IMAGE or AUDIO.
    private string? _modality;

    // models/{model}:{method}
    private string Call => Context.Request.Path.Value!.Split("/models/")[1];

    /// <inheritdoc/>
    public override string ModelOf(JsonNode body) => Call.Split(':')[0];

    /// <inheritdoc/>
    public override bool Streams(JsonNode body) => Call.EndsWith(":streamGenerateContent", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string? Check(JsonNode body, string story)
    {
        if (Context.Request.Headers["x-goog-api-key"] != Key || Context.Request.Query.ContainsKey("key"))
        {
            return "API key not valid. Please pass a valid API key.";
        }
        if (body["model"] is not null || body["stream"] is not null)
        {
            return "Invalid JSON payload received. Unknown name \"model\": Cannot find field.";
        }
        JsonNode? config = body["generationConfig"];
        _modality = config?["responseModalities"]?[0]?.GetValue<string>();
        return story switch
        {
            "tools" when SchemaOf(body["tools"]?[0]?["functionDeclarations"]?[0]) is null => "tools[0].function_declarations[0].parameters: missing field.",
            "tools" when IsAnswered(body) => CheckResults(body["contents"]!.AsArray()),
            "json" when config?["responseMimeType"]?.GetValue<string>() != "application/json" || (config["responseJsonSchema"] ?? config["responseSchema"])?["properties"]?["city"] is null =>
                "generation_config.response_schema: missing field.",
            "image" when !Parts(body["contents"]!.AsArray()[^1]!).Any(p => p["inlineData"]?["mimeType"]?.GetValue<string>() == "image/png" && p["inlineData"]!["data"]!.GetValue<string>() == Story.Image) =>
                "contents[0].parts: no image",
            _ => null,
        };
    }

    private static JsonNode? SchemaOf(JsonNode? function) => (function?["parametersJsonSchema"] ?? function?["parameters"])?["properties"]?["city"];

    private static string? CheckResults(JsonArray contents)
    {
        // A client that streams sends each chunk back as a content.
        List<JsonNode> asked = [.. contents.Where(c => c!["role"]!.GetValue<string>() == "model").SelectMany(c => Parts(c!)).Where(p => p["functionCall"] is not null)];
        List<JsonNode> answered = [.. Parts(contents[^1]!).Select(p => p["functionResponse"]).OfType<JsonNode>()];
        if (asked[0]["thoughtSignature"]?.GetValue<string>() != Story.Signature)
        {
            return "Function call `weather` in the 2. content block is missing a `thought_signature`.";
        }
        string calls = string.Join(' ', asked.Select(p => p["functionCall"]!["args"]!["city"]));
        string results = string.Join(' ', answered.Select(r => $"{r["name"]}:{r["response"]!["result"] ?? r["response"]!["output"]}"));
        return calls == "Oslo Bergen" && results == "weather:7 weather:9" ? null : $"contents: {calls} / {results}";
    }

    /// <inheritdoc/>
    public override bool IsAnswered(JsonNode body) => body["contents"] is JsonArray contents && Parts(contents[^1]!).Any(p => p["functionResponse"] is not null);

    /// <inheritdoc/>
    public override JsonNode ErrorOf(StoryRefusal refusal)
    {
        var error = new JsonObject
        {
            ["code"] = refusal.Status == 529 ? 503 : refusal.Status,
            ["message"] = refusal.Message,
            ["status"] = refusal.Status switch { 400 => "INVALID_ARGUMENT", 404 => "NOT_FOUND", 429 => "RESOURCE_EXHAUSTED", _ => "UNAVAILABLE" },
        };
        if (refusal.Status == 429)
        {
            error["details"] = new JsonArray(Json("""{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1s"}"""));
        }
        return new JsonObject { ["error"] = error };
    }

    /// <inheritdoc/>
    public override JsonNode Whole(string model, Story story) => Call.Split(':')[^1] switch
    {
        "countTokens" => Json("""{"totalTokens":31,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]}"""),
        "embedContent" => Json("""{"embedding":{"values":[0.25,-0.5,1]}}"""),
        "batchEmbedContents" => Json("""{"embeddings":[{"values":[0.25,-0.5,1]}]}"""),
        _ => Chunk(model, _modality switch { "IMAGE" => [Blob("image/png", Story.Image)], "AUDIO" => [Blob("audio/L16;codec=pcm;rate=24000", Silence)], _ => PartsOf(story) }, last: true),
    };

    /// <inheritdoc/>
    public override async Task StreamAsync(string model, Story story)
    {
        List<JsonObject> parts = [.. PartsOf(story)];
        foreach (JsonObject part in parts)
        {
            IEnumerable<string> texts = part["text"] is { } text ? Pieces(text.GetValue<string>()) : [""];
            foreach (string piece in texts)
            {
                JsonObject sent = part.DeepClone().AsObject();
                if (part.ContainsKey("text"))
                {
                    sent["text"] = piece;
                }
                await SendAsync(Chunk(model, [sent], last: false));
            }
            if (story.Breaks)
            {
                await SendAsync(ErrorOf(new StoryRefusal(503, "", "The model is overloaded. Please try again later.")));
                return;
            }
        }
        await SendAsync(Chunk(model, [new JsonObject { ["text"] = "" }], last: true));
    }

    private async Task SendAsync(JsonNode chunk)
    {
        await Context.Response.WriteAsync($"data: {chunk.ToJsonString()}\r\n\r\n");
        await Context.Response.Body.FlushAsync();
    }

    private static IEnumerable<JsonObject> PartsOf(Story story)
    {
        if (story.Thought is not null)
        {
            yield return new JsonObject { ["text"] = story.Thought, ["thought"] = true };
        }
        if (story.Text is not null)
        {
            yield return new JsonObject { ["text"] = story.Text };
        }
        for (int i = 0; i < story.Calls.Count; i++)
        {
            var part = new JsonObject { ["functionCall"] = new JsonObject { ["name"] = "weather", ["args"] = JsonNode.Parse(story.Calls[i].Arguments) } };
            if (i == 0)
            {
                part["thoughtSignature"] = Story.Signature;
            }
            yield return part;
        }
    }

    private static JsonObject Blob(string type, string data) => new() { ["inlineData"] = new JsonObject { ["mimeType"] = type, ["data"] = data } };

    private static JsonObject Chunk(string model, IEnumerable<JsonObject> parts, bool last)
    {
        var candidate = new JsonObject { ["content"] = new JsonObject { ["parts"] = new JsonArray([.. parts]), ["role"] = "model" }, ["index"] = 0 };
        if (last)
        {
            candidate["finishReason"] = "STOP";
        }
        return new JsonObject
        {
            ["candidates"] = new JsonArray(candidate),
            ["usageMetadata"] = Json(last ? Usage : """{"promptTokenCount":42,"totalTokenCount":42}"""),
            ["modelVersion"] = model,
            ["responseId"] = "story",
        };
    }

    private static IEnumerable<JsonNode> Parts(JsonNode content) => content["parts"]!.AsArray().Select(p => p!);
}
