using System.Net;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>What went wrong elsewhere between a failure and the next attempt.</summary>
public class RoutingIncidentTests
{
    private static readonly GatewayOptions Quick = new() { RetryBackoff = TimeSpan.FromMilliseconds(1) };

    // QuantumNous/new-api#4186: the upstream went on, and was asked again, after the client had left.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientLeaves_BeforeTheFirstByte_UpstreamIsClosedAndNobodyElseAsked(bool stream)
    {
        var closed = new TaskCompletionSource();
        await using ScriptedUpstream silent = ScriptedUpstream.Start(async c =>
        {
            await c.WaitForCloseAsync();
            closed.TrySetResult();
        });
        await using ScriptedUpstream other = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(silent.Url, other.Url), Quick);
        using var leaving = new CancellationTokenSource();
        Task<HttpResponseMessage> call = gateway.Client.PostAsync(
            "/v1/chat/completions", new StringContent(TestGateway.Body(stream ? "\"stream\":true" : ""), null, "application/json"), leaving.Token);
        await Eventually.TrueAsync(() => silent.Seen.Count == 1);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await closed.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Count.ShouldBe(1);
        record.ClientAborted.ShouldBeTrue();
        other.Seen.ShouldBeEmpty();
        // It was the client that left: nothing is held against the backend.
        gateway.Catalog.Current.Backends["b0"].State.Breaker.FailuresInRow.ShouldBe(0);
    }

    // litellm#39294: a fallback priced as the model that failed; litellm#39455: retries counted as requests.
    [Fact]
    public async Task Fallback_AnotherModelAnswers_OneRequestAtItsPrice()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(bad.Url, good.Url);
        BackendDefinition[] backends = [.. catalog.Models[0].Backends.Select((b, i) => b with { UpstreamModel = i == 0 ? "dear" : "cheap" })];
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Models = [catalog.Models[0] with { Backends = backends }], Prices = [Price("dear", 1_000_000_000_000), Price("cheap", 1_000_000_000)] }, Quick);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.UpstreamModel.ShouldBe("cheap");
        record.PriceVersion.ShouldBe("test:cheap");
        record.Attempts.Select(a => a.UpstreamModel).ShouldBe(["dear", "cheap"]);
        record.Cost!.Value.Value.ShouldBeLessThan(100_000_000);
    }

    // routatic/proxy#59, litellm#38610: 200 before any model has answered.
    [Fact]
    public async Task Stream_EveryBackendFails_IsARealErrorAndNot200()
    {
        await using ScriptedUpstream early = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\n");
            c.Reset();
        });
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 503);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(early.Url, bad.Url), Quick with { MaxRetries = 0 });

        HttpResponseMessage response = await gateway.ChatAsync("\"stream\":true");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    // voidmind-io/voidllm#184: a 429 was not failed over, and counted as a success.
    [Fact]
    public async Task RateLimited_AnotherBackendIsWell_ServesAtOnce()
    {
        await using ScriptedUpstream limited = ScriptedUpstream.Json(Answers.Error("slow down", "rate_limit_error"), 429, "Retry-After: 600\r\n");
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(limited.Url, good.Url), Quick);

        // Whoever waited as long as it asks for would not be answered while the test runs.
        for (int i = 0; i < 10; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // Asked once; its credential is left alone for the time that it asked for.
        limited.Seen.Count.ShouldBe(1);
    }

    // An empty account answers the same however often it is asked.
    [Fact]
    public async Task QuotaExhausted_OnlyBackend_IsNeverRetried()
    {
        await using ScriptedUpstream empty = ScriptedUpstream.Json(Answers.Error("no more", "insufficient_quota", "insufficient_quota"), 429);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(empty.Url), Quick);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        empty.Seen.Count.ShouldBe(1);
    }

    // A preferred provider that fails is asked once, not again by the model's own list.
    [Fact]
    public async Task Preferred_FailsAndIsInTheListToo_IsAskedOnce()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url, good.Url), Quick);
        gateway.Client.DefaultRequestHeaders.Add("X-Provider-Priority", "provider-0");

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        bad.Seen.Count.ShouldBe(1);
    }

    // Wei-Shaw/sub2api#4408: an attempt that lost a race was billed though nobody got it. Here nothing is asked twice at once.
    [Fact]
    public async Task SlowFirstToken_NothingAskedForIt_NoSecondBackendIsCalled()
    {
        await using ScriptedUpstream slow = ScriptedUpstream.Start(async c =>
        {
            await Task.Delay(500, c.Stop);
            await c.JsonAsync(Answers.Chat);
        });
        await using ScriptedUpstream other = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(slow.Url, other.Url), Quick);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        other.Seen.ShouldBeEmpty();
        (await gateway.NextRecordAsync()).Attempts.Count.ShouldBe(1);
    }

    // A model that is being loaded answers 503 for a while: waited for where that was asked for, and no longer.
    [Fact]
    public async Task Loading_WarmupWait_IsWaitedForAndCostsNothing()
    {
        int calls = 0;
        await using ScriptedUpstream loading = ScriptedUpstream.Start(c =>
            Interlocked.Increment(ref calls) <= 6 ? c.JsonAsync(Answers.Error("loading model"), 503) : c.JsonAsync(Answers.Chat));
        CatalogDefinition catalog = TestGateway.ModelOver(loading.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Providers = [catalog.Providers[0] with { Settings = new Dictionary<string, string> { ["warmup_wait_ms"] = "30000" } }] },
            Quick with { MaxRetries = 0 });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        BackendFacts(gateway).ShouldBe((0, 10));

        (int, int) BackendFacts(TestGateway g)
        {
            Backend backend = g.Catalog.Current.Backends["b0"];
            return (backend.State.Breaker.FailuresInRow, (int)backend.Provider.State.Retries.Left);
        }
    }

    [Fact]
    public async Task Loading_LongerThanTheWait_IsTheUpstreamsError()
    {
        await using ScriptedUpstream loading = ScriptedUpstream.Json(Answers.Error("loading model"), 503);
        CatalogDefinition catalog = TestGateway.ModelOver(loading.Url) with
        {
            Routes = [new RouteDefinition { Id = "r", Name = "r", Steps = [new() { Backend = "b0", WarmupWait = TimeSpan.FromMilliseconds(600) }] }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, Quick with { MaxRetries = 0 });

        HttpResponseMessage response = await gateway.ChatAsync("\"omni_route\":\"r\"");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("loading model");
        loading.Seen.Count.ShouldBeInRange(2, 5);
    }

    private static ModelPrice Price(string model, long nanoUsd) => new()
    {
        Model = model,
        InputPerMillion = new NanoUsd(nanoUsd),
        OutputPerMillion = new NanoUsd(nanoUsd),
        Version = "test:" + model,
    };
}
