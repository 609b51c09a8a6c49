using Gateway.Core.Chaos;
using Gateway.Web.Cluster;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster;

public sealed class SharedFaultsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SwitchedOnAtOneNode_IsOnAtAll_AndEndsWhereverSomebodyEndsIt()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using FaultNode one = await FaultNode.StartAsync(server);
        await using FaultNode two = await FaultNode.StartAsync(server);

        Fault fault = one.Begin("f", TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(() => two.IsOn("f"));
        Fault there = two.Chaos.Active.ShouldHaveSingleItem();
        (there.Kind, there.Provider, there.Rate, there.Until, there.By).ShouldBe((fault.Kind, fault.Provider, fault.Rate, fault.Until, fault.By));
        there.Keys.ShouldBe(fault.Keys);
        (there.IsFromElsewhere, one.Chaos.Active[0].IsFromElsewhere).ShouldBe((true, false), "only one node tells of it in its events");

        two.End("f");
        await Eventually.TrueAsync(() => !one.Chaos.IsOn);
        two.Chaos.IsOn.ShouldBeFalse();
    }

    [Fact]
    public async Task NodeThatStartsLater_TakesOverWhatIsOn_AndNotWhatIsOver()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using FaultNode one = await FaultNode.StartAsync(server);
        one.Begin("over", TimeSpan.FromMilliseconds(50));
        one.Begin("on", TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(async () => (await server.AskAsync("HLEN", "{gw}:faults:on")).Integer >= 1 && one.Chaos.Active.Count == 1);

        await using FaultNode later = await FaultNode.StartAsync(server);

        await Eventually.TrueAsync(() => later.IsOn("on"));
        later.Chaos.Active.ShouldHaveSingleItem();
        await Eventually.TrueAsync(async () => (await server.AskAsync("HLEN", "{gw}:faults:on")).Integer == 1);
    }

    [Fact]
    public async Task EndedWhileRedisIsAway_EndsElsewhereWhenItIsBack()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using FaultNode one = await FaultNode.StartAsync(server, TimeSpan.FromSeconds(1));
        await using FaultNode two = await FaultNode.StartAsync(server);
        one.Begin("f", TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(() => two.IsOn("f"));

        await server.FreezeAsync();
        await Eventually.TrueAsync(() => !one.Link.IsUp);
        one.End("f");
        (one.Chaos.IsOn, two.Chaos.IsOn).ShouldBe((false, true));
        await server.ThawAsync();

        await Eventually.TrueAsync(() => !two.Chaos.IsOn);
        one.Chaos.IsOn.ShouldBeFalse("what was ended does not come back");
    }

    [Fact]
    public async Task RedisThatLostItsMemory_EndsThemAll()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using FaultNode one = await FaultNode.StartAsync(server);
        await using FaultNode two = await FaultNode.StartAsync(server);
        one.Begin("f", TimeSpan.FromMinutes(5));
        await Eventually.TrueAsync(() => two.IsOn("f"));

        await server.AskAsync("FLUSHALL");

        await Eventually.TrueAsync(() => !one.Chaos.IsOn && !two.Chaos.IsOn);
    }

    [Theory]
    [InlineData("f", "")]
    [InlineData("f", "null")]
    [InlineData("f", """{"Id": "f"}""")]
    [InlineData("f", """{"Id": "f", "Kind": 77, "Provider": "p", "Since": "2026-01-01T00:00:00Z", "Until": "2999-01-01T00:00:00Z", "By": "x"}""")]
    [InlineData("f", """{"Id": "f", "Kind": 0, "Since": "2026-01-01T00:00:00Z", "Until": "2999-01-01T00:00:00Z", "By": "x"}""")]
    [InlineData("f", """{"Id": "g", "Kind": 0, "Provider": "p", "Since": "2026-01-01T00:00:00Z", "Until": "2999-01-01T00:00:00Z", "By": "x"}""")]
    [InlineData("f", """{"Id": "f", "Kind": 0, "Provider": "p", "Rate": 0, "Since": "2026-01-01T00:00:00Z", "Until": "2999-01-01T00:00:00Z", "By": "x"}""")]
    public async Task ListInRedis_WhatIsNoFault_IsPassedOver(string id, string text)
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await server.AskAsync("HSET", "{gw}:faults:on", id, text);
        await using FaultNode one = await FaultNode.StartAsync(server);
        await using FaultNode two = await FaultNode.StartAsync(server);

        one.Begin("real", TimeSpan.FromMinutes(5));

        await Eventually.TrueAsync(() => two.IsOn("real"));
        two.Chaos.Active.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ListInRedis_ThatWouldLastForever_EndsWithinTheHour()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await server.AskAsync("HSET", "{gw}:faults:on", "f",
            """{"Id": "f", "Kind": 0, "Provider": "p", "Since": "2026-01-01T00:00:00Z", "Until": "2999-01-01T00:00:00Z", "By": "x"}""");
        await using FaultNode node = await FaultNode.StartAsync(server);

        await Eventually.TrueAsync(() => node.IsOn("f"));
        node.Chaos.Active[0].Until.ShouldBeLessThanOrEqualTo(TimeProvider.System.GetUtcNow() + ChaosSwitch.Longest);
    }

    private sealed record FaultNode(ChaosSwitch Chaos, RedisLink Link, SharedFaults Faults) : IAsyncDisposable
    {
        public static async Task<FaultNode> StartAsync(RedisServer server, TimeSpan? timeout = null)
        {
            RedisSettings settings = server.Settings();
            settings = settings with { Timeout = timeout ?? settings.Timeout };
            var dialer = new RedisDialer(settings, TimeProvider.System);
            var link = new RedisLink(settings, dialer, TimeProvider.System, new Random(1), new LogLines<RedisLink>());
            await link.StartAsync(Cancel);
            var chaos = new ChaosSwitch(TimeProvider.System, new Random(1)) { IsShared = true };
            var faults = new SharedFaults(chaos, link, dialer, TimeProvider.System, new Random(1));
            await faults.StartAsync(Cancel);
            await Eventually.TrueAsync(() => link.IsUp);
            return new FaultNode(chaos, link, faults);
        }

        public Fault Begin(string id, TimeSpan time)
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            var fault = new Fault { Id = id, Kind = FaultKind.Cut, Provider = "p", Keys = ["k"], Rate = 0.5, Since = now, Until = now + time, By = "ada" };
            Chaos.TryAdd(fault).ShouldBeTrue();
            Faults.TellBegun(fault);
            return fault;
        }

        public void End(string id)
        {
            Chaos.Remove(id).ShouldNotBeNull();
            Faults.TellEnded(id);
        }

        public bool IsOn(string id) => Chaos.Active.Any(f => f.Id == id);

        public async ValueTask DisposeAsync()
        {
            await Faults.StopAsync(CancellationToken.None);
            await Link.StopAsync(CancellationToken.None);
            Faults.Dispose();
            Link.Dispose();
        }
    }
}
