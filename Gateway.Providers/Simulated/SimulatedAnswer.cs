using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;

namespace Gateway.Providers.Simulated;

/// <summary>One answer of a simulated model: its parts, as a document or as the events of a stream.</summary>
internal sealed class SimulatedAnswer
{
    private const int MaxEcho = 400;

    private readonly string _id;
    private readonly long _created;
    private readonly string _model;
    private readonly bool _chat;
    private readonly IEnumerable<string> _words;
    private readonly int _count;
    private readonly string _reasoning;
    private readonly JsonObject? _toolCall;
    private readonly string _finishReason;
    private readonly int _inputTokens;
    private readonly bool _usageChunk;

    private SimulatedAnswer(JsonNode request, Operation operation, string model, int length, DateTimeOffset now)
    {
        _id = (operation == Operation.ChatCompletions ? "chatcmpl-" : "cmpl-") + Guid.CreateVersion7(now).ToString("N");
        _created = now.ToUnixTimeSeconds();
        _model = model;
        _chat = operation == Operation.ChatCompletions;
        string asked = _chat ? LastUserText(request) : request["prompt"]?.ToString() ?? "";
        _inputTokens = CountTokens(_chat ? request["messages"]!.ToJsonString() : asked);
        _toolCall = _chat ? SimulatedToolCall.For(request) : null;
        _reasoning = model.Contains("reasoning", StringComparison.OrdinalIgnoreCase)
            ? "The question is short, so the answer can be too. First say who is speaking, then repeat what was asked."
            : "";
        // Made one by one as they are read: as a whole, an answer of 100,000 tokens takes megabytes.
        IEnumerable<string> words = _toolCall is not null ? []
            : _chat && Structured(request, asked) is { } document ? Words(document)
            : length > 0 ? Enumerable.Range(0, length).Select(static i => i == 0 ? "token" : " token")
            : Words($"Hello from {model}, a simulated model inside the gateway. You asked: \"{(asked.Length <= MaxEcho ? asked : asked[..MaxEcho] + "…")}\" "
                + "A real model would answer now; this one shows that routing, streaming, limits and accounting work.");
        int all = words.Count();
        int? most = MaxTokens(request);
        bool cut = most < all;
        (_words, _count) = cut ? (words.Take(most!.Value), most.Value) : (words, all);
        _finishReason = _toolCall is not null ? "tool_calls" : cut ? "length" : "stop";
        _usageChunk = request["stream_options"]?["include_usage"] is JsonValue flag && flag.TryGetValue(out bool wanted) && wanted;
    }

    public static SimulatedAnswer To(JsonNode request, Operation operation, string model, int length, DateTimeOffset now) =>
        new(request, operation, model, length, now);

    public int OutputTokens => _count + ReasoningTokens + (_toolCall is null ? 0 : CountTokens(_toolCall.ToJsonString()));

    /// <summary>About four characters each: nobody is billed for these.</summary>
    public static int CountTokens(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    public JsonObject ToJson()
    {
        JsonObject choice = _chat ? new JsonObject { ["index"] = 0, ["message"] = Message() } : new JsonObject { ["index"] = 0, ["text"] = Text() };
        choice["logprobs"] = null;
        choice["finish_reason"] = _finishReason;
        JsonObject answer = Envelope(_chat ? "chat.completion" : "text_completion", [choice]);
        answer["usage"] = Usage();
        return answer;
    }

    /// <summary>The events of the stream, <c>[DONE]</c> included.</summary>
    public IEnumerable<byte[]> Chunks()
    {
        if (_chat)
        {
            yield return Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }, null);
        }
        foreach (string word in Words(_reasoning))
        {
            yield return Chunk(new JsonObject { ["reasoning_content"] = word }, null);
        }
        if (_toolCall is not null)
        {
            JsonObject call = _toolCall.DeepClone().AsObject();
            call["index"] = 0;
            yield return Chunk(new JsonObject { ["tool_calls"] = new JsonArray(call) }, null);
        }
        foreach (string word in _words)
        {
            yield return Chunk(new JsonObject { ["content"] = word }, null);
        }
        yield return Chunk([], _finishReason);
        if (_usageChunk)
        {
            JsonObject last = Envelope(_chat ? "chat.completion.chunk" : "text_completion", []);
            last["usage"] = Usage();
            yield return Event(last.ToJsonString());
        }
        yield return Event("[DONE]");
    }

    private string Text() => string.Concat(_words);

    private int ReasoningTokens => Words(_reasoning).Length;

    private byte[] Chunk(JsonObject delta, string? finishReason)
    {
        JsonObject choice = _chat
            ? new JsonObject { ["index"] = 0, ["delta"] = delta }
            : new JsonObject { ["index"] = 0, ["text"] = delta["content"]?.DeepClone() ?? "" };
        choice["logprobs"] = null;
        choice["finish_reason"] = finishReason;
        return Event(Envelope(_chat ? "chat.completion.chunk" : "text_completion", [choice]).ToJsonString());
    }

    private static byte[] Event(string data) => Encoding.UTF8.GetBytes($"data: {data}\n\n");

    private JsonObject Envelope(string type, JsonArray choices) => new()
    {
        ["id"] = _id,
        ["object"] = type,
        ["created"] = _created,
        ["model"] = _model,
        ["choices"] = choices,
    };

    private JsonObject Message()
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = _toolCall is null ? Text() : null };
        if (_reasoning.Length > 0)
        {
            message["reasoning_content"] = _reasoning;
        }
        if (_toolCall is not null)
        {
            message["tool_calls"] = new JsonArray(_toolCall.DeepClone());
        }
        return message;
    }

    private JsonObject Usage() => new()
    {
        ["prompt_tokens"] = _inputTokens,
        ["completion_tokens"] = OutputTokens,
        ["total_tokens"] = _inputTokens + OutputTokens,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = ReasoningTokens },
    };

    // Each word with the space before it, as tokens mostly are.
    private static string[] Words(string text)
    {
        var words = new List<string>();
        int start = 0;
        for (int i = 1; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == ' ')
            {
                words.Add(text[start..i]);
                start = i;
            }
        }
        return [.. words];
    }

    /// <summary>The document that the request wants instead of prose; null where it wants none.</summary>
    private static string? Structured(JsonNode request, string asked) => request["response_format"] is not JsonObject format ? null : format["type"]?.ToString() switch
    {
        "json_schema" => (SchemaExample.Of(format["json_schema"]?["schema"]) ?? new JsonObject()).ToJsonString(),
        "json_object" => new JsonObject { ["asked"] = asked }.ToJsonString(),
        _ => null,
    };

    private static int? MaxTokens(JsonNode request) =>
        (request["max_completion_tokens"] ?? request["max_tokens"]) is JsonValue value && value.TryGetValue(out int most) ? Math.Max(1, most) : null;

    private static string LastUserText(JsonNode request)
    {
        foreach (JsonNode? message in request["messages"]!.AsArray().Reverse())
        {
            if (message?["role"]?.ToString() == "user")
            {
                return message["content"] switch
                {
                    JsonArray parts => string.Join(' ', parts.Select(p => p?["text"]?.ToString()).Where(t => t is not null)),
                    JsonValue value when value.GetValueKind() == JsonValueKind.String => value.ToString(),
                    _ => "",
                };
            }
        }
        return "";
    }
}
