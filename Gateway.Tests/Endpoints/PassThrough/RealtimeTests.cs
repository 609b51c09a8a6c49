using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Live;
using Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.PassThrough;

/// <summary>A realtime session through the gateway.</summary>
public sealed class RealtimeTests
{
    private const string Report = """{"type":"response.done","response":{"usage":{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"cached_tokens":64},"output_token_details":{"text_tokens":30,"audio_tokens":91}}}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Realtime_Session_IsRelayedAndItsUsageBooked(bool keyAsSubprotocol)
    {
        await using var upstream = await EchoAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "rt", Kind = ProviderKind.OpenAI, BaseUrl = upstream.Url, Credentials = [new CredentialDefinition { Id = "c", Label = "c", Secret = "sk-up" }] }],
            Models = [new ModelDefinition { Id = "m", Name = "voice", Backends = [new BackendDefinition { Id = "b", Provider = "rt", UpstreamModel = "gpt-realtime" }] }],
        });
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("realtime");
        if (keyAsSubprotocol)
        {
            socket.Options.AddSubProtocol("openai-insecure-api-key." + TestGateway.Key);
        }
        else
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + TestGateway.Key);
        }

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{gateway.Address.Port}/v1/realtime?model=voice"), Cancel);
        string large = new('x', 70_000);
        string[] sent = ["hello", Report, large, Report];
        foreach (string text in sent)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancel);
            (await ReceiveAsync(socket)).ShouldBe(text);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Cancel);

        socket.SubProtocol.ShouldBe("realtime");
        upstream.Query.ShouldBe("?model=gpt-realtime");
        upstream.Authorization.ShouldBe("Bearer sk-up");
        upstream.Subprotocols.ShouldBe("realtime");
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 264, 128, 0, 242, 0));
        (record.Status, record.Model, record.UpstreamModel, record.ErrorKind).ShouldBe((101, "voice", "gpt-realtime", null));
    }

    [Fact]
    public async Task Realtime_UnknownModel_IsRefusedBeforeAnUpgrade()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new CatalogDefinition());
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + TestGateway.Key);
        socket.Options.CollectHttpResponseDetails = true;

        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://127.0.0.1:{gateway.Address.Port}/v1/realtime?model=nobody"), Cancel));

        socket.HttpStatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Realtime_LimitUsedUpByAnAnswer_EndsTheSessionAndSaysWhy()
    {
        await using var upstream = await EchoAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(Voice(upstream, tpm: 300), new GatewayOptions { AssumedOutputTokens = 100 });
        using ClientWebSocket socket = await ConnectAsync(gateway);

        // With nothing else running the second answer may overshoot; no third one begins.
        for (int i = 0; i < 2; i++)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(Report), WebSocketMessageType.Text, true, Cancel);
            (await ReceiveAsync(socket)).ShouldBe(Report, "the answer itself is the client's");
        }
        string told = await ReceiveAsync(socket);
        WebSocketReceiveResult close = await socket.ReceiveAsync(new byte[200], Cancel);

        JsonElement error = JsonDocument.Parse(told).RootElement;
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").GetProperty("code").GetString().ShouldBe("rate_limit_exceeded");
        error.GetProperty("error").GetProperty("message").GetString()!.ShouldContain("limit 300");
        (close.MessageType, (int?)close.CloseStatus).ShouldBe((WebSocketMessageType.Close, 1008));
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.TotalTokens.ShouldBe(506);
        record.ErrorKind.ShouldBe("tokens_limited");
    }

    [Fact]
    public async Task Realtime_Answers_AreSettledOneByOne()
    {
        await using var upstream = await EchoAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(Voice(upstream, tpm: 1000), new GatewayOptions { AssumedOutputTokens = 100 });
        using ClientWebSocket socket = await ConnectAsync(gateway);
        (await RemainingAsync(gateway)).ShouldBe(900, "held for the first answer");

        await socket.SendAsync(Encoding.UTF8.GetBytes(Report), WebSocketMessageType.Text, true, Cancel);
        await ReceiveAsync(socket);
        await Eventually.TrueAsync(async () => await RemainingAsync(gateway) == 1000 - 253 - 100);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Cancel);

        await gateway.NextRecordAsync();
        await Eventually.TrueAsync(async () => await RemainingAsync(gateway) == 1000 - 253);
    }

    [Fact]
    public async Task Realtime_NothingLeftForAnAnswer_IsRefusedBeforeAnUpgrade()
    {
        await using var upstream = await EchoAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(Voice(upstream, tpm: 150), new GatewayOptions { AssumedOutputTokens = 100 });
        using ClientWebSocket first = await ConnectAsync(gateway);

        WebSocketException refused = await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(gateway));

        refused.Message.ShouldContain("429");
    }

    [Fact]
    public async Task Realtime_GatewayStops_TheSessionIsToldAndClosed()
    {
        await using var upstream = await EchoAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(Voice(upstream, tpm: 0));
        using ClientWebSocket socket = await ConnectAsync(gateway);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        (await ReceiveAsync(socket)).ShouldBe("hello");

        gateway.Services.GetRequiredService<RunningCalls>().CancelAll(new GatewayError(GatewayErrorKind.ShuttingDown, "It stops."));

        JsonElement error = JsonDocument.Parse(await ReceiveAsync(socket)).RootElement.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("shutting_down");
        WebSocketReceiveResult close = await socket.ReceiveAsync(new byte[200], Cancel);
        (close.MessageType, (int?)close.CloseStatus).ShouldBe((WebSocketMessageType.Close, 1001));
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("shutting_down");
    }

    private static CatalogDefinition Voice(EchoUpstream upstream, int tpm) => new()
    {
        Keys = [TestGateway.KeyOf(TestGateway.Key, tpm: tpm)],
        Providers = [new ProviderDefinition { Id = "p", Name = "rt", Kind = ProviderKind.OpenAI, BaseUrl = upstream.Url, Credentials = [new CredentialDefinition { Id = "c", Label = "c", Secret = "sk-up" }] }],
        Models = [new ModelDefinition { Id = "m", Name = "voice", Backends = [new BackendDefinition { Id = "b", Provider = "rt", UpstreamModel = "gpt-realtime" }] }],
    };

    private static async Task<ClientWebSocket> ConnectAsync(TestGateway gateway)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("realtime");
        socket.Options.SetRequestHeader("Authorization", "Bearer " + TestGateway.Key);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{gateway.Address.Port}/v1/realtime?model=voice"), Cancel);
        return socket;
    }

    private static async Task<int> RemainingAsync(TestGateway gateway)
    {
        using HttpResponseMessage models = await gateway.Client.GetAsync("/v1/models", Cancel);
        return int.Parse(models.Headers.GetValues("x-ratelimit-remaining-tokens").Single(), CultureInfo.InvariantCulture);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var all = new MemoryStream();
        byte[] buffer = new byte[8192];
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer, Cancel);
            all.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static async Task<EchoUpstream> EchoAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var echo = new EchoUpstream(app);
        app.UseWebSockets();
        app.Map("/v1/realtime", echo.ServeAsync);
        await app.StartAsync(Cancel);
        return echo;
    }

    private sealed class EchoUpstream(WebApplication app) : IAsyncDisposable
    {
        public string Url => app.Urls.First() + "/v1";
        public string? Query { get; private set; }
        public string? Authorization { get; private set; }
        public string? Subprotocols { get; private set; }

        public async Task ServeAsync(HttpContext context)
        {
            Query = context.Request.QueryString.Value;
            Authorization = context.Request.Headers.Authorization;
            Subprotocols = context.Request.Headers.SecWebSocketProtocol;
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
            byte[] buffer = new byte[5000];
            while (true)
            {
                WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, context.RequestAborted);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
                    return;
                }
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
            }
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
