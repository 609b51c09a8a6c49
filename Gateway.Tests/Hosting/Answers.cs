using System.Text.Json;

namespace Gateway.Tests.Hosting;

/// <summary>Answers in OpenAI's shape, for scripted upstreams.</summary>
internal static class Answers
{
    public const string Chat =
        """{"id":"c1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":"assistant","content":"hi there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":22,"total_tokens":33,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":7}},"vendor_field":{"x":[1,2]}}""";

    public const string Role = """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""";
    public const string Finish = """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    public const string Usage = """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}""";
    public const string Done = "[DONE]";

    public static string Delta(string text) =>
        $$$"""{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{"content":{{{JsonSerializer.Serialize(text, RawText)}}}},"finish_reason":null}]}""";

    public static string Error(string message, string type = "server_error", string? code = null) =>
        JsonSerializer.Serialize(new { error = new { message, type, param = (string?)null, code } });

    // Characters as they are, not as escapes: what is cut in two must be more than one byte long.
    private static readonly JsonSerializerOptions RawText = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The data of each event, in order.</summary>
    public static IReadOnlyList<string> DataOf(string stream) =>
        [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.StartsWith("data: ", StringComparison.Ordinal) ? e[6..] : e)];

    /// <summary>The text of a stream's deltas, joined.</summary>
    public static string TextOf(string stream) => string.Concat(DataOf(stream)
        .Where(d => d.StartsWith('{'))
        .Select(d => JsonDocument.Parse(d).RootElement)
        .Where(e => e.TryGetProperty("choices", out JsonElement c) && c.GetArrayLength() > 0)
        .Select(e => e.GetProperty("choices")[0].GetProperty("delta"))
        .Select(d => d.TryGetProperty("content", out JsonElement c) ? c.GetString() : ""));
}
