using System.Text.Json;
using Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>
/// Providers of every wire in one, that answer whatever they are sent as that wire answers: what is wrong then is the gateway's fault.
/// A web server here, since a socket read byte by byte would be the slowest part.
/// </summary>
internal static class FuzzUpstream
{
    private const string Picture = """{"created":1,"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}""";
    private const string Generated = """{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"real-model"}""";
    private const string GeneratedPicture = """{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"real-model"}""";
    private const string GeneratedSpeech = """{"candidates":[{"index":0,"content":{"role":"model","parts":[{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"AAAA"}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"real-model"}""";
    private const string Message = """{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}""";
    private const string Response = """{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"real-model","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":0},"output_tokens":1,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":2}}""";

    public static async Task<WebApplication> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        string path = context.Request.Path.Value!;
        string text = System.Text.Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
        if (path.EndsWith("/audio/speech", StringComparison.Ordinal))
        {
            context.Response.ContentType = "audio/mpeg";
            await context.Response.Body.WriteAsync(new byte[] { 1, 2, 3 });
        }
        else if (Streams(body, path) && StreamOf(path) is { } events)
        {
            context.Response.ContentType = "text/event-stream";
            foreach (string data in events)
            {
                await context.Response.WriteAsync(data.StartsWith('{') && TypeOf(data) is { } type ? $"event: {type}\ndata: {data}\n\n" : $"data: {data}\n\n");
            }
        }
        else
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(AnswerTo(path, text, body));
        }
    }

    private static string AnswerTo(string path, string text, MemoryStream body) => path switch
    {
        _ when Ends(path, "/v2/embed") => Join("""{"id":"e","embeddings":{"float":[""", Count(body, "texts", "inputs", "images"), "[0.5]", """]},"texts":[],"meta":{"billed_units":{"input_tokens":1}}}"""),
        _ when Ends(path, "rerank") => """{"id":"r","results":[{"index":0,"relevance_score":0.5}],"meta":{"billed_units":{"search_units":1}}}""",
        _ when Ends(path, "/embeddings") => Join("""{"object":"list","data":[""", Count(body, "input"), """{"object":"embedding","index":#,"embedding":[0.5]}""", """],"model":"real-model","usage":{"prompt_tokens":3,"total_tokens":3}}"""),
        _ when Ends(path, ":batchEmbedContents") => Join("""{"embeddings":[""", Count(body, "requests"), """{"values":[0.5]}""", "]}"),
        _ when Ends(path, ":embedContent") => """{"embedding":{"values":[0.5]}}""",
        _ when Ends(path, ":predict") => Join("""{"predictions":[""", Count(body, "instances"), """{"bytesBase64Encoded":"AA==","mimeType":"image/png","embeddings":{"values":[0.5]}}""", "]}"),
        _ when Ends(path, ":countTokens") => """{"totalTokens":3}""",
        _ when Ends(path, "/count_tokens") => """{"input_tokens":3}""",
        _ when Ends(path, ":generateContent") => text.Contains("\"AUDIO\"", StringComparison.Ordinal) ? GeneratedSpeech : text.Contains("\"IMAGE\"", StringComparison.Ordinal) ? GeneratedPicture : Generated,
        _ when Ends(path, "/messages") => Message,
        _ when Ends(path, "/responses") => Response,
        _ when Ends(path, "/moderations") => """{"id":"m","model":"real-model","results":[{"flagged":false,"categories":{},"category_scores":{}}]}""",
        _ when path.Contains("/images/", StringComparison.Ordinal) => Picture,
        _ when path.Contains("/audio/", StringComparison.Ordinal) => """{"text":"hi","usage":{"type":"duration","seconds":1}}""",
        _ when Ends(path, "/v1/completions") => """{"id":"c","object":"text_completion","created":1,"model":"real-model","choices":[{"index":0,"text":"hi","finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""",
        _ => Answers.Chat,
    };

    private static string[]? StreamOf(string path) => path switch
    {
        _ when Ends(path, "/chat/completions") => [Answers.Role, Answers.Delta("hi"), Answers.Finish, Answers.Usage, Answers.Done],
        _ when Ends(path, ":streamGenerateContent") => [Generated],
        _ when Ends(path, "/messages") =>
        [
            """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}""",
            """{"type":"message_stop"}""",
        ],
        _ when Ends(path, "/responses") =>
        [
            $$"""{"type":"response.created","sequence_number":0,"response":{{Response.Replace("completed", "in_progress", StringComparison.Ordinal)}}}""",
            """{"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"hi"}""",
            $$"""{"type":"response.completed","sequence_number":2,"response":{{Response}}}""",
        ],
        _ when Ends(path, "/v1/completions") => ["""{"id":"c","object":"text_completion","created":1,"model":"real-model","choices":[{"index":0,"text":"hi","finish_reason":"stop"}]}""", Answers.Done],
        _ => null,
    };

    private static string? TypeOf(string data)
    {
        using JsonDocument json = JsonDocument.Parse(data);
        return json.RootElement.TryGetProperty("type", out JsonElement type) ? type.GetString() : null;
    }

    private static bool Ends(string path, string end) => path.EndsWith(end, StringComparison.Ordinal);

    private static bool Streams(MemoryStream body, string path) => Ends(path, ":streamGenerateContent") || (Json(body) is { } json && json.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind == JsonValueKind.True);

    /// <summary>How many answers are due: of the first field that is there, one where it is no list.</summary>
    private static int Count(MemoryStream body, params string[] fields)
    {
        foreach (string field in fields)
        {
            if (Json(body) is { } json && json.TryGetProperty(field, out JsonElement value))
            {
                return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind != JsonValueKind.Number ? value.GetArrayLength() : 1;
            }
        }
        return 1;
    }

    private static JsonElement? Json(MemoryStream body)
    {
        try
        {
            JsonElement json = JsonElement.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Join(string head, int count, string each, string foot) =>
        head + string.Join(',', Enumerable.Range(0, count).Select(i => each.Replace("#", i.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal))) + foot;
}
