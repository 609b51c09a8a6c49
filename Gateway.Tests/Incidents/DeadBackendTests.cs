using System.Diagnostics;
using System.Net;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>What other gateways let a dead upstream do to their callers.</summary>
public class DeadBackendTests
{
    // No test takes as long as a circuit stays open.
    private static readonly GatewayOptions Quick = new() { RetryBackoff = TimeSpan.FromMilliseconds(1), Breaker = new BreakerSettings { OpenFor = TimeSpan.FromMinutes(10), LongestOpen = TimeSpan.FromMinutes(10) } };

    // litellm#34836: 25 answers of 500 leave a backend in rotation.
    [Fact]
    public async Task Backend_Answers500_LeavesTheRotationAndEveryCallSucceeds()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(SamePriority(bad.Url, good.Url), Quick);

        for (int i = 0; i < 20; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
            UsageRecord record = await gateway.NextRecordAsync();
            record.Attempts.Count.ShouldBeLessThanOrEqualTo(2);
        }

        bad.Seen.Count.ShouldBe(5);
        good.Seen.Count.ShouldBe(20);
    }

    // RELIABILITY: error answers within 50 ms once it is known dead, with an honest Retry-After.
    [Fact]
    public async Task Backend_OnlyOneIsDead_IsAnsweredAtOnceAndNotAskedAgain()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url), Quick);
        while (gateway.Catalog.Current.Backends["b0"].State.Breaker.StateAt(Now()) == BreakerState.Closed)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }
        int asked = bad.Seen.Count;

        var times = new List<double>();
        for (int i = 0; i < 100; i++)
        {
            long start = Stopwatch.GetTimestamp();
            HttpResponseMessage response = await gateway.ChatAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            response.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        }

        // What has to wait for something has to each time; what is late now and then waits for a processor.
        times.Min().ShouldBeLessThan(50);
        bad.Seen.Count.ShouldBe(asked);

        long Now() => (long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds;
    }

    // RELIABILITY: attempts are at most 1.2 times the requests. The circuit is kept out of it, to see the budget alone.
    [Fact]
    public async Task Retries_UpstreamDown_AreBoundedByTheBudget()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(bad.Url), Quick with { Breaker = new BreakerSettings { ConsecutiveFailures = 0, FailureRate = 0 } });

        for (int i = 0; i < 200; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        // A fifth, and the floor of ten and what trickles into it meanwhile.
        bad.Seen.Count.ShouldBeGreaterThan(200);
        bad.Seen.Count.ShouldBeLessThanOrEqualTo(255);
    }

    [Fact]
    public async Task Backend_ComesBack_IsUsedAgainByItself()
    {
        bool dead = true;
        var time = new ShiftedTime(TimeProvider.System.GetUtcNow());
        await using ScriptedUpstream flaky = ScriptedUpstream.Start(c => Volatile.Read(ref dead) ? c.JsonAsync(Answers.Error("boom"), 500) : c.JsonAsync(Answers.Chat));
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(flaky.Url), Quick with { MaxRetries = 0, Breaker = new BreakerSettings { OpenFor = TimeSpan.FromMinutes(1) } }, time: time);
        for (int i = 0; i < 5; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Volatile.Write(ref dead, false);

        time.Add(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(async () => (await gateway.ChatAsync()).StatusCode == HttpStatusCode.OK);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    // A refused or limited credential is the account's trouble: the upstream is well.
    [Theory]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(400)]
    public async Task Backend_RefusesCredentialOrRequest_CircuitStaysClosed(int status)
    {
        await using ScriptedUpstream refusing = ScriptedUpstream.Json(Answers.Error("no"), status);
        CatalogDefinition catalog = TestGateway.ModelOver(refusing.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Credentials = [] }] }, Quick with { MaxRetries = 0 });

        for (int i = 0; i < 30; i++)
        {
            await gateway.ChatAsync();
        }

        refusing.Seen.Count.ShouldBe(30);
    }

    // What a catalog change must not do: forget that a backend is dead, or send everything there again.
    [Fact]
    public async Task Circuit_CatalogChanges_StaysOpen()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        CatalogDefinition catalog = TestGateway.ModelOver(bad.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, Quick with { MaxRetries = 0 });
        for (int i = 0; i < 5; i++)
        {
            await gateway.ChatAsync();
        }

        gateway.Catalog.Replace(catalog with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key)],
            Models = [catalog.Models[0] with { Backends = [catalog.Models[0].Backends[0] with { Weight = 7 }] }],
        }).ShouldBeEmpty();

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        bad.Seen.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Step_AllOfItsCircuitsAreOpen_NextStepServes()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(bad.Url, good.Url) with
        {
            Routes = [new RouteDefinition { Id = "r", Name = "r", Steps = [new() { Backend = "b0" }, new() { Backend = "b1" }] }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, Quick);

        for (int i = 0; i < 20; i++)
        {
            (await gateway.ChatAsync("\"omni_route\":\"r\"")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        bad.Seen.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Backend_Drained_GetsNoNewCallsAndFinishesTheRunningOne()
    {
        var release = new TaskCompletionSource();
        await using ScriptedUpstream draining = ScriptedUpstream.Start(async c =>
        {
            await release.Task;
            await c.JsonAsync(Answers.Chat);
        });
        await using ScriptedUpstream other = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(draining.Url, other.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, Quick);
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => draining.Seen.Count == 1);

        gateway.Catalog.Replace(catalog with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key)],
            Models = [catalog.Models[0] with { Backends = [catalog.Models[0].Backends[0] with { Draining = true }, catalog.Models[0].Backends[1]] }],
        }).ShouldBeEmpty();
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        release.SetResult();

        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
        draining.Seen.Count.ShouldBe(1);
        other.Seen.Count.ShouldBe(1);
    }

    private static CatalogDefinition SamePriority(params Uri[] upstreams)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstreams);
        return catalog with { Models = [catalog.Models[0] with { Backends = [.. catalog.Models[0].Backends.Select(b => b with { Priority = 0 })] }] };
    }
}
