using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.E2E.Hosting;

/// <summary>An OpenAI-compatible upstream on a loopback port that does what the requested model's name says.</summary>
public sealed class ScriptedUpstream : IAsyncLifetime
{
    private WebApplication _app = null!;

    /// <summary>With <c>/v1</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Bodies in the order in which they came.</summary>
    public ConcurrentQueue<JsonNode> Requests { get; } = [];

    /// <summary>The <c>Authorization</c> header of the last call.</summary>
    public string? LastAuthorization { get; private set; }

    /// <summary>Completes when the caller has gone in the middle of the stream of <c>endless</c>.</summary>
    public TaskCompletionSource CallerGone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/v1/models", () => Results.Json(new { @object = "list", data = new[] { Model("stub-large"), Model("stub-small") } }));
        _app.MapPost("/v1/chat/completions", ChatAsync);
        _app.MapPost("/v1/embeddings", EmbedAsync);
        _app.MapCapabilities();
        await _app.StartAsync();
        Url = $"{_app.Urls.First()}/v1";
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static object Model(string id) => new { id, @object = "model", created = 1_700_000_000, owned_by = "stub" };

    private async Task ChatAsync(HttpContext context)
    {
        JsonNode body = await ReadAsync(context);
        string model = body["model"]!.GetValue<string>();
        switch (model)
        {
            case "too-busy":
                await RefuseAsync(context, 429, "rate_limit_exceeded", "Slow down.");
                break;
            case "endless":
                await EndlessAsync(context);
                break;
            case "tools":
                await context.Response.WriteAsJsonAsync(Whole(model, null, new JsonArray(new JsonObject
                {
                    ["id"] = "call_1",
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = "weather", ["arguments"] = """{"city":"Oslo"}""" },
                })));
                break;
            default:
                await (body["stream"]?.GetValue<bool>() == true
                    ? StreamAsync(context, model)
                    : context.Response.WriteAsJsonAsync(Whole(model, $"Hello from {model}.", null)));
                break;
        }
    }

    private async Task EmbedAsync(HttpContext context)
    {
        await ReadAsync(context);
        await context.Response.WriteAsync("""{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.25,-0.5,1]}],"model":"stub-embed","usage":{"prompt_tokens":3,"total_tokens":3}}""");
    }

    private async Task<JsonNode> ReadAsync(HttpContext context)
    {
        LastAuthorization = context.Request.Headers.Authorization;
        context.Response.ContentType = "application/json";
        JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
        Requests.Enqueue(body);
        return body;
    }

    private async Task EndlessAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        try
        {
            for (int i = 0; ; i++)
            {
                await context.Response.WriteAsync($"data: {Chunk("endless", $"word{i} ")}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(20, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            CallerGone.TrySetResult();
        }
    }

    private static async Task StreamAsync(HttpContext context, string model)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (string word in (string[])["Hello ", "from ", model, "."])
        {
            await context.Response.WriteAsync($"data: {Chunk(model, word)}\n\n");
            await context.Response.Body.FlushAsync();
        }
        await context.Response.WriteAsync($$$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"{{{model}}}","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n");
        await context.Response.WriteAsync($$$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"{{{model}}}","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""" + "\n\n");
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    private static string Chunk(string model, string text) => new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { ["role"] = "assistant", ["content"] = text }, ["finish_reason"] = null }),
    }.ToJsonString();

    private static JsonObject Whole(string model, string? text, JsonArray? tools)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = text };
        if (tools is not null)
        {
            message["tool_calls"] = tools;
        }
        return new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion",
            ["created"] = 1_700_000_000,
            ["model"] = model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = tools is null ? "stop" : "tool_calls" }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 7, ["completion_tokens"] = 5, ["total_tokens"] = 12 },
        };
    }

    private static Task RefuseAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type = "requests", param = (string?)null, code } });
    }
}
