using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Web.Cluster;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster;

public sealed class SharedHealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static long NowMs => (long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds;

    [Fact]
    public async Task CircuitOpenedByCallsOfOneNode_KeepsTheOthersCallsAwayUntilItIsWellAgain()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using HealthNode one = await HealthNode.StartAsync(server, "one");
        await using HealthNode two = await HealthNode.StartAsync(server, "two");

        for (int i = 0; i < 5; i++)
        {
            one.Call(CallOutcome.Failed);
        }
        await Eventually.TrueAsync(() => two.Breaker.StateAt(NowMs) == BreakerState.Open);
        two.Breaker.FlipsSince(0).ShouldHaveSingleItem().Cause.ShouldBe("node one saw its calls fail");

        await Eventually.TrueAsync(() => one.Breaker.TryEnter(NowMs, out BreakerTicket probe) && one.Report(probe, CallOutcome.Alive));
        await Eventually.TrueAsync(() => two.Breaker.StateAt(NowMs) == BreakerState.Closed);
        // A word is not told on as one's own.
        one.Breaker.FlipsSince(0).ShouldAllBe(f => f.Witness == BreakerWitness.Calls);
    }

    [Fact]
    public async Task SetAsideAndClosedByHand_HoldOnEveryNode()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using HealthNode one = await HealthNode.StartAsync(server, "one");
        await using HealthNode two = await HealthNode.StartAsync(server, "two");

        one.Health.TellSetAside("b", TimeSpan.FromHours(1));
        await Eventually.TrueAsync(() => two.Breaker.WaitMs(NowMs) > 3_000_000);
        one.Breaker.StateAt(NowMs).ShouldBe(BreakerState.Closed, "nodes do not heed their own words");

        one.Health.TellClosed("b");
        await Eventually.TrueAsync(() => two.Breaker.StateAt(NowMs) == BreakerState.Closed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x Opened 5000 n unknown")]
    [InlineData("x Opened -5 n b")]
    [InlineData("x Nonsense 5000 n b")]
    [InlineData("x 77 5000 n b")]
    public async Task Channel_WhatIsNoWordOfANode_IsPassedOver(string text)
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using HealthNode node = await HealthNode.StartAsync(server, "one");

        await server.AskAsync("PUBLISH", SharedHealth.Channel, text);
        await server.AskAsync("PUBLISH", SharedHealth.Channel, "x SetAside 60000 n b");

        await Eventually.TrueAsync(() => node.Breaker.StateAt(NowMs) == BreakerState.Open);
        node.Breaker.FlipsSince(0).ShouldHaveSingleItem().Cause.ShouldBe("an operator set it aside");
    }

    private sealed record HealthNode(CircuitBreaker Breaker, RedisLink Link, SharedHealth Health) : IAsyncDisposable
    {
        /// <summary>Returns when it listens.</summary>
        public static async Task<HealthNode> StartAsync(RedisServer server, string name)
        {
            var catalog = new GatewayCatalog();
            catalog.Replace(new CatalogDefinition
            {
                Providers = [new ProviderDefinition { Id = "p", Name = "p", Kind = ProviderKind.OpenAICompatible, BaseUrl = "http://127.0.0.1:1" }],
                Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Provider = "p" }] }],
            }).ShouldBeEmpty();
            RedisSettings settings = server.Settings();
            var dialer = new RedisDialer(settings, TimeProvider.System);
            var link = new RedisLink(settings, dialer, TimeProvider.System, new Random(1), new LogLines<RedisLink>());
            await link.StartAsync(Cancel);
            int before = await ListenersAsync(server);
            var options = new GatewayOptions();
            var health = new SharedHealth(catalog, () => options, link, dialer, name, TimeProvider.System, new Random(1));
            await health.StartAsync(Cancel);
            await Eventually.TrueAsync(async () => link.IsUp && await ListenersAsync(server) > before);
            return new HealthNode(catalog.Current.Backends["b"].State.Breaker, link, health);
        }

        public void Call(CallOutcome outcome)
        {
            Breaker.TryEnter(NowMs, out BreakerTicket ticket).ShouldBeTrue();
            Report(ticket, outcome);
        }

        public bool Report(BreakerTicket ticket, CallOutcome outcome)
        {
            Breaker.Report(ticket, outcome, NowMs, BreakerSettings.Default);
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            await Health.StopAsync(CancellationToken.None);
            await Link.StopAsync(CancellationToken.None);
            Health.Dispose();
            Link.Dispose();
        }

        private static async Task<int> ListenersAsync(RedisServer server) => (int)(await server.AskAsync("PUBLISH", SharedHealth.Channel, "is anybody there")).Integer;
    }
}
