using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>An upstream whose answers are far larger than they look (the model <c>bomb</c>), or just far too large (<c>huge</c>), or fine (<c>fine</c>).</summary>
public sealed class BombUpstream : IAsyncLifetime
{
    private const long Bytes = 256L * 1024 * 1024;

    private WebApplication _app = null!;
    private byte[] _bomb = [];

    /// <summary>With <c>/v1</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>So many zeros, compressed to a thousandth.</summary>
    public static byte[] Zip(long bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] zeros = new byte[1024 * 1024];
            for (long written = 0; written < bytes; written += zeros.Length)
            {
                gzip.Write(zeros);
            }
        }
        return packed.ToArray();
    }

    public async ValueTask InitializeAsync()
    {
        _bomb = Zip(Bytes);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.MapPost("/v1/{**path}", AnswerAsync);
        await _app.StartAsync();
        Url = $"{_app.Urls.First()}/v1";
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        string? model = context.Request.HasJsonContentType() ? (await JsonNode.ParseAsync(context.Request.Body))?["model"]?.GetValue<string>() : "fine";
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.ContentType = "application/json";
        switch (model)
        {
            case "bomb":
                context.Response.Headers.ContentEncoding = "gzip";
                await context.Response.Body.WriteAsync(_bomb);
                break;
            case "huge":
                byte[] piece = new byte[1024 * 1024];
                Array.Fill(piece, (byte)'x');
                await context.Response.WriteAsync("{\"id\":\"");
                for (long written = 0; written < Bytes && !context.RequestAborted.IsCancellationRequested; written += piece.Length)
                {
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                }
                await context.Response.WriteAsync("\"}");
                break;
            default:
                await context.Response.WriteAsync("""{"id":"c","object":"chat.completion","created":1,"model":"fine","text":"hi","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""");
                break;
        }
    }
}
