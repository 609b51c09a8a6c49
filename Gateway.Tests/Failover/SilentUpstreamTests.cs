using System.Net;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Accounting.Prices;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>Upstreams that let wait: how long that is borne, and how often.</summary>
public class SilentUpstreamTests
{
    private static readonly GatewayOptions Impatient = new()
    {
        FirstByteTimeout = TimeSpan.FromSeconds(2),
        RetryBackoff = TimeSpan.FromMilliseconds(1),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ScriptedUpstream Silent() => ScriptedUpstream.Start(c => c.WaitForCloseAsync());

    [Fact]
    public async Task Call_BackendSilent_IsNotAskedAgain()
    {
        await using ScriptedUpstream silent = Silent();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(silent.Url), Impatient);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);

        silent.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_BackendSilentAndRouteNamesTimeouts_IsAskedAgain()
    {
        await using ScriptedUpstream silent = Silent();
        CatalogDefinition catalog = TestGateway.ModelOver(silent.Url) with
        {
            Routes = [new RouteDefinition { Id = "r", Name = "stubborn", Steps = [new() { Provider = "provider-0", Retries = 1 }], RetryOn = ["timeout"] }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, Impatient);

        (await gateway.ChatAsync("\"omni_route\":\"stubborn\"")).StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);

        silent.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Call_OneBackendSilentAnotherBusy_OnlyTheBusyOneIsAskedAgain()
    {
        int calls = 0;
        await using ScriptedUpstream silent = Silent();
        await using ScriptedUpstream busy = ScriptedUpstream.Start(c =>
            Interlocked.Increment(ref calls) < 3 ? c.JsonAsync(Answers.Error("busy"), 503) : c.JsonAsync(Answers.Chat));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(silent.Url, busy.Url), Impatient);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        silent.Seen.Count.ShouldBe(1);
        busy.Seen.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Call_UpstreamSaysItsTimeIsUp_IsAskedAgain()
    {
        int calls = 0;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c =>
            Interlocked.Increment(ref calls) == 1 ? c.JsonAsync(Answers.Error("late"), 504) : c.JsonAsync(Answers.Chat));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Impatient with { FirstByteTimeout = TimeSpan.FromSeconds(20) });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Call_TotalTimeIsUp_NobodyElseIsAsked()
    {
        await using ScriptedUpstream first = Silent();
        await using ScriptedUpstream second = Silent();
        await using ScriptedUpstream third = Silent();
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(first.Url, second.Url, third.Url),
            Impatient with { TotalTimeout = TimeSpan.FromSeconds(3) });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);

        third.Seen.ShouldBeEmpty();
        // What had only the rest of the time is not taken for dead.
        gateway.Catalog.Current.FindModel("m")!.Backends.Select(b => b.State.Breaker.FailuresInRow).ShouldBe([1, 0, 0]);
    }

    [Fact]
    public void TimeoutsFor_AnswerThatIsMadeWhole_HasTheTotalUnlessSomebodySaysLess()
    {
        Provider provider = TestProvider.Create("upstream");
        var options = new GatewayOptions();
        var step = new RouteStep { Timeouts = new TimeoutSettings { FirstByte = TimeSpan.FromSeconds(5) } };

        options.TimeoutsFor(provider, null).FirstByte.ShouldBe(TimeSpan.FromSeconds(60));
        options.TimeoutsFor(provider, null, madeWhole: true).FirstByte.ShouldBe(options.TotalTimeout);
        options.TimeoutsFor(provider, step, madeWhole: true).FirstByte.ShouldBe(TimeSpan.FromSeconds(5));
        (options with { FirstByteTimeout = TimeSpan.FromSeconds(60) }).TimeoutsFor(provider, null, madeWhole: true).FirstByte.ShouldBe(TimeSpan.FromSeconds(60));
    }

    // A model that thinks sends its first event at once, and its first words when it has thought.
    [Fact]
    public async Task Stream_BeginsAndThinks_IsNotHeldToTheFirstByte()
    {
        await using ScriptedUpstream thinking = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\n");
            await Task.Delay(TimeSpan.FromSeconds(4), c.Stop);
            await c.ChunkAsync($"data: {Answers.Delta("thought")}\n\ndata: {Answers.Finish}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(thinking.Url), Impatient with { FirstByteTimeout = TimeSpan.FromSeconds(3), MaxRetries = 0 });

        string text = await (await gateway.ChatAsync("\"stream\":true")).Content.ReadAsStringAsync(Cancel);

        Answers.TextOf(text).ShouldBe("thought");
    }

    [Theory]
    [InlineData(429, HttpStatusCode.TooManyRequests, "upstream_rate_limited")]
    [InlineData(503, HttpStatusCode.ServiceUnavailable, "upstream_server_error")]
    [InlineData(400, HttpStatusCode.BadRequest, "upstream_refused")]
    public async Task Call_BodyOfAnErrorNeverComes_StatusAndHintsCount(int status, HttpStatusCode told, string kind)
    {
        await using ScriptedUpstream stalling = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync($"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: 100\r\nRetry-After: 77\r\n\r\n");
            await c.WaitForCloseAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(stalling.Url), new GatewayOptions());

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(told);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(77));
        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.ShouldHaveSingleItem().ErrorKind.ShouldBe(kind);
    }
}
