using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.E2E.Security;

/// <summary>
/// An upstream that answers with markup and scripts, and whose errors repeat every header that it was sent. The model's name
/// says which: <c>markup</c>, <c>echo</c>.
/// </summary>
public sealed class HostileUpstream : IAsyncLifetime
{
    public const string Markup =
        """<img src=x onerror="window.hit='img'"><script>window.hit='script'</script><svg onload="window.hit='svg'"></svg>[x](javascript:window.hit='link') <a href="javascript:window.hit='a'">a</a><iframe srcdoc="<script>parent.hit='frame'</script>"></iframe>""";

    private WebApplication _app = null!;

    /// <summary>With <c>/v1</c>.</summary>
    public string Url { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/{**path}", AnswerAsync);
        await _app.StartAsync();
        Url = $"{_app.Urls.First()}/v1";
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        bool stream = body.RootElement.TryGetProperty("stream", out JsonElement s) && s.ValueKind == JsonValueKind.True;
        switch (body.RootElement.GetProperty("model").GetString())
        {
            case "markup-error":
                await FailAsync(context, Markup);
                break;
            case "echo":
                await FailAsync(context, string.Join(" | ", context.Request.Headers.Select(h => $"{h.Key}: {h.Value}")));
                break;
            default:
                await (stream ? StreamAsync(context) : context.Response.WriteAsJsonAsync(new
                {
                    id = "c",
                    @object = "chat.completion",
                    created = 1,
                    model = Markup,
                    choices = new[] { new { index = 0, message = new { role = "assistant", content = Markup }, finish_reason = "stop" } },
                    usage = new { prompt_tokens = 1, completion_tokens = 1, total_tokens = 2 },
                }));
                break;
        }
    }

    private static Task FailAsync(HttpContext context, string message)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type = "invalid_request_error", param = (string?)null, code = (string?)null } });
    }

    private static async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (object delta in (object[])[new { role = "assistant", content = Markup, reasoning_content = Markup }, new { }])
        {
            string finish = delta is { } && delta.GetType().GetProperties().Length == 0 ? "\"stop\"" : "null";
            await context.Response.WriteAsync($$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,"delta":{{JsonSerializer.Serialize(delta)}},"finish_reason":{{finish}}}]}""" + "\n\n");
        }
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }
}
