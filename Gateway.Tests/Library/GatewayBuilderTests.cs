using System.Collections.Concurrent;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Library;
using Gateway.Providers;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Library;

public class GatewayBuilderTests
{
    private const string Chat = """{"id":"c","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hello"}}],"usage":{"prompt_tokens":10,"completion_tokens":20}}""";

    private static readonly ModelPrice Price = new()
    {
        Model = "m",
        Version = "test",
        InputPerMillion = NanoUsd.FromDollars(1),
        OutputPerMillion = NanoUsd.FromDollars(2),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static GenerationRequest Request => new()
    {
        Model = "m",
        Messages = [new Message(Role.User, [new TextPart("Hi")])],
        Sampling = new Sampling { MaxOutputTokens = 100 },
    };

    public static TheoryData<string, string, string> Wires => new()
    {
        { "chat", "/v1/chat/completions", Chat },
        { "responses", "/v1/responses", """{"id":"r","object":"response","model":"m","status":"completed","output":[{"type":"message","id":"i","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]}],"usage":{"input_tokens":10,"output_tokens":20}}""" },
        { "anthropic", "/v1/messages", """{"id":"msg","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":20}}""" },
        { "gemini", "/v1beta/models/m:generateContent", """{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"Hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":20,"totalTokenCount":30},"modelVersion":"m"}""" },
    };

    [Theory, MemberData(nameof(Wires))]
    public async Task Call_OnEachWire_AnswersInNoVendorsWords(string wire, string path, string answer)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(answer);
        string host = upstream.Url.GetLeftPart(UriPartial.Authority);
        ProviderEndpoint endpoint = wire switch
        {
            "chat" => ProviderEndpoint.OpenAIChat(host),
            "responses" => ProviderEndpoint.OpenAIResponses(host),
            "anthropic" => ProviderEndpoint.AnthropicMessages(host),
            _ => ProviderEndpoint.Gemini(host),
        };
        GatewayClient gateway = Builder(endpoint).Build();

        GenerationResponse response = await gateway.CallAsync(Request, Cancel);

        response.ContentText.ShouldBe("Hello");
        response.Usage.InputTokens.ShouldBe(10);
        response.Usage.OutputTokens.ShouldBe(20);
        upstream.Seen.Single().Path.ShouldBe(path);
    }

    [Fact]
    public async Task Stream_Events_EndWithTheEnd()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(
            """{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]}""",
            """{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20}}""",
            "[DONE]");
        GatewayClient gateway = Builder(ProviderEndpoint.OpenAIChat(upstream.Url.ToString())).Build();

        List<StreamEvent> events = [];
        await foreach (StreamEvent next in gateway.StreamAsync(Request, Cancel))
        {
            events.Add(next);
        }

        string.Concat(events.Where(e => e.Kind == StreamEventKind.Delta).Select(e => e.Text)).ShouldBe("Hello");
        events[^1].Kind.ShouldBe(StreamEventKind.End);
        events.Single(e => e.Kind == StreamEventKind.Usage).Usage.OutputTokens.ShouldBe(20);
    }

    [Fact]
    public async Task Stream_BreaksOff_ThrowsAfterWhatCame()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync("data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n");
            c.Break();
        });
        GatewayClient gateway = Builder(ProviderEndpoint.OpenAIChat(upstream.Url.ToString())).Build();
        string text = "";

        var error = await Should.ThrowAsync<GatewayCallException>(async () =>
        {
            await foreach (StreamEvent next in gateway.StreamAsync(Request, Cancel))
            {
                text += next.Text;
            }
        });

        text.ShouldBe("Hel");
        error.Kind.ShouldBe(GatewayErrorKind.UpstreamStreamBroken);
    }

    [Fact]
    public async Task Stream_LeftEarly_CancelsTheUpstream()
    {
        var closed = new TaskCompletionSource();
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync("data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n");
            await c.WaitForCloseAsync();
            closed.SetResult();
        });
        GatewayClient gateway = Builder(ProviderEndpoint.OpenAIChat(upstream.Url.ToString())).Build();

        await foreach (StreamEvent next in gateway.StreamAsync(Request, Cancel))
        {
            if (next.Kind == StreamEventKind.Delta)
            {
                break;
            }
        }

        await closed.Task.WaitAsync(Eventually.Limit, Cancel);
        await Eventually.TrueAsync(() => gateway.PoolStatus()[0].InFlight == 0);
    }

    [Fact]
    public async Task Budget_ManyAtOnce_IsNeverOverspentAndSettlesToTheCost()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        // A call reserves some 0.0002 USD (100 tokens of output) and costs 0.00005.
        GatewayClient gateway = Builder(ProviderEndpoint.OpenAIChat(upstream.Url.ToString())).WithPrice(Price).WithBudgetUsd(0.001m).Build();
        var refused = new ConcurrentBag<GatewayCallException>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 64), Cancel, async (_, cancel) =>
        {
            try
            {
                await gateway.CallAsync(Request, cancel);
            }
            catch (GatewayCallException e)
            {
                refused.Add(e);
            }
        });

        refused.ShouldNotBeEmpty();
        refused.ShouldAllBe(e => e.Kind == GatewayErrorKind.BudgetExhausted);
        gateway.BudgetRemaining.ShouldBe(0.001m - (0.00005m * upstream.Seen.Count));
        gateway.BudgetRemaining!.Value.ShouldBeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public async Task Budget_ModelWithoutPrice_IsRefusedBeforeTheCall()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        GatewayClient gateway = Builder(ProviderEndpoint.OpenAIChat(upstream.Url.ToString())).WithBudgetUsd(1).Build();

        (await Should.ThrowAsync<GatewayCallException>(gateway.CallAsync(Request with { Model = "nobody-knows" }, Cancel))).Message.ShouldContain("WithPrice");

        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_RefusedOne_GivesWayAndIsShown()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.Last!.Headers["Authorization"] == "Bearer bad"
            ? c.JsonAsync("""{"error":{"message":"no","code":"invalid_api_key"}}""", 401)
            : c.JsonAsync(Chat));
        GatewayClient gateway = ProviderEndpoint.OpenAIChat(upstream.Url.ToString()).CreateGateway()
            .AllowNetwork("127.0.0.0/8").AddKey("bad", "first", tpmLimit: 1000).AddKey("good", "second", rpmLimit: 50).Build();

        for (int i = 0; i < 3; i++)
        {
            (await gateway.CallAsync(Request, Cancel)).ContentText.ShouldBe("Hello");
        }

        gateway.PoolStatus().ShouldBe([new KeyStatus("first", false, 0, 0, 1000, null), new KeyStatus("second", true, 0, 0, null, 50)]);
    }

    [Fact]
    public void Build_WrongEndpoint_SaysWhatIsWrong()
    {
        Should.Throw<InvalidOperationException>(() => ProviderEndpoint.OpenAIChat("ftp://x").CreateGateway().Build()).Message.ShouldContain("http");
        Should.Throw<InvalidOperationException>(() => new ProviderEndpoint(ProviderKind.Anthropic, Wire.Gemini).CreateGateway().AddKey("k", "k").Build())
            .Message.ShouldContain("do not speak gemini");
    }

    private static GatewayBuilder Builder(ProviderEndpoint endpoint) =>
        endpoint.CreateGateway().AllowNetwork("127.0.0.0/8").AddKey("sk-test", "main").WithRetries(0);
}
