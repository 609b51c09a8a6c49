using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core;

namespace Gateway.Web.Calls.Summaries;

/// <summary>A chat request that is to be answered with ordered summaries, and the calls that it comes to.</summary>
internal sealed class SummaryRequest
{
    private const string Instruction =
        "First think in <analysis>…</analysis>, then give your answer in <final>…</final>. Write nothing outside of these two tags.";

    private const string SummariseQuestion = "Summarise in one or two sentences what the user asks for. Do not answer it.";
    private const string SummariseReasoning = "Summarise in one or two sentences how the author reasons in the text that follows. Do not continue it.";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly JsonObject _body;

    private SummaryRequest(JsonObject body, string model, string question) => (_body, Model, Question) = (body, model, question);

    public string Model { get; }

    /// <summary>What the user said last.</summary>
    public string Question { get; }

    /// <summary>The model that the request names for its summaries; null for none.</summary>
    public string? SummaryModel { get; private init; }

    /// <summary>The request, or what is wrong with it. Whatever the pipeline checks is left to the pipeline.</summary>
    public static (SummaryRequest? Request, GatewayError? Error) Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            if (JsonNode.Parse(json.Span, null, Strict) is not JsonObject body)
            {
                return (null, Wrong("The request body must be a JSON object.", null));
            }
            if (body["model"] is not JsonValue model || !model.TryGetValue(out string? name) || name.Length == 0)
            {
                return (null, Wrong("You must provide a model parameter.", "model"));
            }
            if (body["messages"] is not JsonArray { Count: > 0 } messages || messages.Any(m => m is not JsonObject))
            {
                return (null, Wrong("messages must be an array of at least one object.", "messages"));
            }
            if (body["stream"] is { } stream && stream.GetValueKind() != JsonValueKind.True)
            {
                return (null, Wrong("Ordered summaries are a stream: leave stream out, or set it to true.", "stream"));
            }
            if (body["n"] is JsonValue n && n.ToJsonString() is not "1")
            {
                return (null, Wrong("Ordered summaries have one answer: leave n out.", "n"));
            }
            string? summaryModel = null;
            if (body["summary_model"] is { } summary && (summary is not JsonValue value || !value.TryGetValue(out summaryModel)))
            {
                return (null, Wrong("summary_model must be a string.", "summary_model"));
            }
            return (new SummaryRequest(body, name, LastQuestion(messages)) { SummaryModel = string.IsNullOrEmpty(summaryModel) ? null : summaryModel }, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, new GatewayError(GatewayErrorKind.InvalidJson, "The request body is not valid JSON."));
        }
    }

    /// <summary>The call for the answer: streamed, and with the tags asked for.</summary>
    public byte[] ToOutput(string id)
    {
        var body = (JsonObject)_body.DeepClone();
        body.Remove("summary_model");
        body["stream"] = true;
        var messages = (JsonArray)body["messages"]!;
        // Some chat templates take one system message only, and only in front.
        if (messages[0] is JsonObject first && first["role"]?.ToString() is "system" or "developer" && messages[0]!["content"] is JsonValue content && content.TryGetValue(out string? text))
        {
            messages[0]!["content"] = $"{text}\n\n{Instruction}";
        }
        else
        {
            messages.Insert(0, Message("system", Instruction));
        }
        return Mark(body, id, "output");
    }

    public byte[] ToQuestionSummary(string model, string id) => Summary(model, SummariseQuestion, Question, id, SummaryEvent.Prompt);

    public byte[] ToReasoningSummary(string model, string reasoning, string id) => Summary(model, SummariseReasoning, reasoning, id, SummaryEvent.Reasoning);

    private byte[] Summary(string model, string instruction, string text, string id, string stage)
    {
        var body = new JsonObject { ["model"] = model, ["messages"] = new JsonArray(Message("system", instruction), Message("user", text)), ["stream"] = false };
        if (_body["omni_metadata"] is JsonObject metadata)
        {
            body["omni_metadata"] = metadata.DeepClone();
        }
        return Mark(body, id, stage);
    }

    // The three calls are booked apart; this is how one finds those that belong together.
    private static byte[] Mark(JsonObject body, string id, string stage)
    {
        if (body["omni_metadata"] is null or JsonObject)
        {
            var metadata = body["omni_metadata"] as JsonObject ?? [];
            body["omni_metadata"] = metadata;
            metadata["summary_request_id"] = id;
            metadata["summary_stage"] = stage;
        }
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string LastQuestion(JsonArray messages)
    {
        JsonNode? last = messages.LastOrDefault(m => m!["role"]?.ToString() == "user");
        return last?["content"] switch
        {
            JsonValue value when value.TryGetValue(out string? text) => text,
            JsonArray parts => string.Join('\n', parts.OfType<JsonObject>().Select(p => p["text"]).OfType<JsonValue>().Select(t => t.ToString())),
            _ => "",
        };
    }

    private static GatewayError Wrong(string message, string? param) => new(GatewayErrorKind.InvalidRequest, message, param);
}
