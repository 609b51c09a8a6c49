using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Pages.Requests;

/// <summary>
/// A call's shape as a curl command: its own path, its wire's own header for the key, and a body of its operation with places for the
/// words, which are not kept.
/// </summary>
internal static class RequestCurl
{
    private const string Words = "…";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="baseUrl">Of the gateway, without a trailing slash.</param>
    public static string Of(UsageRecord record, string baseUrl)
    {
        string head = $"curl -i{(record.Streamed ? "N" : "")}{(record.Method == "POST" ? "" : $" -X {record.Method}")} '{baseUrl}{Quoted(record.Path)}{Query(record)}' \\\n  "
            + string.Join(" \\\n  ", Keys(record).Select(h => $"-H \"{h}\""));
        if (record.Method != "POST")
        {
            return head;
        }
        if (Form(record) is { } form)
        {
            return head + string.Concat(form.Select(f => $" \\\n  -F '{Quoted(f.Name)}={Quoted(f.Value)}'"));
        }
        // No quote that a model's name might hold ends the text before its end.
        return $"{head} \\\n  -H \"Content-Type: application/json\" \\\n  --data-binary @- <<'JSON'\n{Body(record).ToJsonString(Readable)}\nJSON";
    }

    private static string[] Keys(UsageRecord record) => record.Operation switch
    {
        Operation.Messages or Operation.MessagesCountTokens => ["x-api-key: YOUR_KEY", "anthropic-version: 2023-06-01"],
        Operation.GenerateContent or Operation.GeminiCountTokens or Operation.EmbedContent or Operation.BatchEmbedContents => ["x-goog-api-key: YOUR_KEY"],
        _ when IsAzure(record) => ["api-key: YOUR_KEY"],
        _ => ["Authorization: Bearer YOUR_KEY"],
    };

    private static bool IsAzure(UsageRecord record) => record.Path.StartsWith("/openai/deployments/", StringComparison.OrdinalIgnoreCase);

    private static string Query(UsageRecord record) => record.Operation == Operation.GenerateContent && record.Streamed ? "?alt=sse"
        : IsAzure(record) ? "?api-version=2024-10-21" : "";

    private static (string Name, string Value)[]? Form(UsageRecord record) => record.Operation switch
    {
        Operation.ImageEdits => [("model", Model(record)), ("image", "@picture.png"), ("prompt", Words)],
        Operation.Transcriptions or Operation.Translations => [("model", Model(record)), ("file", "@sound.mp3"), .. record.Streamed ? [("stream", "true")] : ((string, string)[])[]],
        _ => null,
    };

    private static JsonObject Body(UsageRecord record)
    {
        JsonObject body = record.Operation switch
        {
            Operation.Completions => new() { ["prompt"] = Words },
            Operation.Embeddings or Operation.Responses or Operation.Moderations => new() { ["input"] = Words },
            Operation.Messages => new() { ["max_tokens"] = 1024, ["messages"] = Said() },
            Operation.GenerateContent or Operation.GeminiCountTokens => new() { ["contents"] = new JsonArray(Content()) },
            Operation.EmbedContent => new() { ["content"] = Content() },
            Operation.BatchEmbedContents => new() { ["requests"] = new JsonArray(new JsonObject { ["model"] = $"models/{Model(record)}", ["content"] = Content() }) },
            Operation.Converse => new() { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["text"] = Words }) }) },
            Operation.CohereEmbed => new() { ["texts"] = new JsonArray(Words), ["input_type"] = "search_document", ["embedding_types"] = new JsonArray("float") },
            Operation.Rerank or Operation.CohereRerank => new() { ["query"] = Words, ["documents"] = new JsonArray(Words, Words) },
            Operation.ImageGenerations => new() { ["prompt"] = Words },
            Operation.Speech => new() { ["input"] = Words, ["voice"] = "alloy" },
            // What was sent to it only its caller knows.
            Operation.PassThrough => [],
            _ => new() { ["messages"] = Said() },
        };
        if (!HoldsModel(record.Operation) && record.Operation != Operation.PassThrough)
        {
            body.Insert(0, "model", Model(record));
        }
        if (record.Streamed && !HoldsModel(record.Operation))
        {
            (string name, JsonNode value) = record.Operation == Operation.Speech ? ("stream_format", (JsonNode)"sse") : ("stream", true);
            body[name] = value;
        }
        return body;
    }

    // These have the model, and whether it is a stream, in their path.
    private static bool HoldsModel(Operation operation) => operation is Operation.GenerateContent or Operation.GeminiCountTokens or Operation.EmbedContent
        or Operation.BatchEmbedContents or Operation.Converse;

    private static JsonArray Said() => [new JsonObject { ["role"] = "user", ["content"] = Words }];

    private static JsonObject Content() => new() { ["parts"] = new JsonArray(new JsonObject { ["text"] = Words }) };

    private static string Model(UsageRecord record) => record.RequestedModel ?? record.Model ?? "MODEL";

    // Within single quotes of a shell.
    private static string Quoted(string text) => text.Replace("'", "'\\''", StringComparison.Ordinal);
}
