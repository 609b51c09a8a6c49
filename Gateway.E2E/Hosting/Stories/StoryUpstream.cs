using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.E2E.Hosting.Stories;

/// <summary>
/// One set of scripted models behind several wires, each as strict about what it is sent as the vendor is: a client that gets
/// through its story has had its request carried whole.
/// </summary>
public sealed class StoryUpstream : IAsyncLifetime
{
    private static readonly string[] Stories = ["plain", "tools", "json", "image", "breaks", "busy", "overloaded", "bad", "missing"];

    private WebApplication _app = null!;

    /// <summary>Bodies in the order in which they came.</summary>
    public ConcurrentQueue<JsonNode> Requests { get; } = [];

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/messages", c => ServeAsync(c, new AnthropicStoryWire(c)));
        _app.MapPost("/v1/chat/completions", c => ServeAsync(c, new ChatStoryWire(c)));
        _app.MapPost("/v1beta/models/{call}", c => ServeAsync(c, new GeminiStoryWire(c)));
        _app.MapPost("/v1/responses", c => ServeAsync(c, new ResponsesStoryWire(c)));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>
    /// Makes each story known once a wire: <c>anthropic-…</c>, <c>gemini-…</c>, <c>chat-…</c> and <c>responses-…</c> behind upstreams that
    /// speak only that.
    /// </summary>
    public async Task RegisterAsync(RunningGateway gateway)
    {
        string url = $"{_app.Urls.First()}/v1";
        await gateway.CreateAsync("providers", new
        {
            name = "story-anthropic",
            kind = "anthropic",
            base_url = url,
            credentials = new[] { new { label = "main", secret = AnthropicStoryWire.Key } },
        });
        await gateway.CreateAsync("providers", new
        {
            name = "story-gemini",
            kind = "gemini",
            base_url = $"{_app.Urls.First()}/v1beta",
            credentials = new[] { new { label = "main", secret = GeminiStoryWire.Key } },
        });
        await gateway.CreateAsync("providers", new { name = "story-chat", kind = "openai-compatible", base_url = url });
        await gateway.CreateAsync("providers", new { name = "story-responses", kind = "openai-compatible", base_url = url, settings = new { wires = "responses" } });
        foreach (string story in Stories)
        {
            await AddAsync(gateway, $"responses-{story}", "story-responses", $"gpt-{story}");
            await AddAsync(gateway, $"anthropic-{story}", "story-anthropic", $"claude-sonnet-4-5-{story}");
            await AddAsync(gateway, $"gemini-{story}", "story-gemini", $"gemini-3-flash-{story}");
            await AddAsync(gateway, $"chat-{story}", "story-chat", $"other-{story}");
        }
    }

    private static async Task AddAsync(RunningGateway gateway, string name, string provider, string upstreamModel)
    {
        string id = await gateway.CreateAsync("models", new { name });
        await gateway.CreateAsync($"models/{id}/backends", new { provider, upstream_model = upstreamModel });
    }

    private async Task ServeAsync(HttpContext context, StoryWire wire)
    {
        JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
        Requests.Enqueue(body);
        string model = wire.ModelOf(body);
        Story story = wire.Check(body, model.Split('-')[^1]) is { } wrong
            ? Story.Refuse(400, "invalid_request_error", wrong)
            : Story.Of(model, wire.IsAnswered(body));
        if (story.Refusal is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            if (refusal.Status == 429)
            {
                context.Response.Headers.RetryAfter = "1";
            }
            await context.Response.WriteAsJsonAsync(wire.ErrorOf(refusal));
        }
        else if (wire.Streams(body))
        {
            context.Response.ContentType = "text/event-stream";
            await wire.StreamAsync(model, story);
        }
        else
        {
            await context.Response.WriteAsJsonAsync(wire.Whole(model, story));
        }
    }
}
