using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Limits;

/// <summary>Two nodes over one Redis: what is admitted, refused, given back, and counted.</summary>
public sealed class SharedLimitsTests
{
    [Fact]
    public async Task Rpm50_200InParallelOverTwoNodes_Exactly50Pass()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(rpm: 50, tpm: 1_000_000), Some.Scope(rpm: 50, tpm: 1_000_000)];

        LimitDecision[] decisions = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() =>
            nodes[i % 2].ReserveAsync(Some.Lease(scopes[i % 2], tokens: 10)))));

        decisions.Count(d => d.Admitted).ShouldBe(50);
        LimitDecision refused = decisions.First(d => !d.Admitted);
        (refused.Exceeded, refused.LimitRequests, refused.RemainingRequests).ShouldBe((LimitKind.Requests, 50, 0));
        refused.RetryAfter.ShouldBeInRange(TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60.5));
        decisions.Where(d => d.Admitted).Select(d => d.RemainingRequests).Order().ShouldBe(Enumerable.Range(0, 50).Select(i => (long)i));
    }

    [Fact]
    public async Task RefusedByALaterScope_TakesNothingOfTheEarlierOnes()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope key = Some.Scope(rpm: 100, tpm: 1000, parallel: 10, budgets: Some.Budget(1000));
        LimitScope team = Some.Scope(ScopeKind.Team, rpm: 1);
        (await nodes[0].ReserveAsync(Some.Lease(team))).Admitted.ShouldBeTrue();

        LimitDecision refused = await nodes[1].ReserveAsync(Some.Lease([key, team], tokens: 50, money: 10));

        (refused.Exceeded, refused.Scope).ShouldBe((LimitKind.Requests, team));
        LimitDecision next = await nodes[0].ReserveAsync(Some.Lease(key, tokens: 1, money: 1));
        (next.RemainingRequests, next.RemainingTokens).ShouldBe((99, 999));
    }

    [Fact]
    public async Task Tokens_CountAsReservedUntilSettledAndAsUsedFromThen()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(tpm: 1000);
        LimitLease first = Some.Lease(scope, tokens: 600);
        (await nodes[0].ReserveAsync(first)).RemainingTokens.ShouldBe(400);

        LimitDecision tooMany = await nodes[1].ReserveAsync(Some.Lease(scope, tokens: 500));
        (tooMany.Exceeded, tooMany.RemainingTokens).ShouldBe((LimitKind.Tokens, 400));
        nodes[0].Limits.Extend(first, 950, NanoUsd.Zero);
        await nodes[0].SettledAsync();
        (await nodes[1].ReserveAsync(Some.Lease(scope, tokens: 100))).RemainingTokens.ShouldBe(50);
        nodes[0].Limits.Settle(first, 300, NanoUsd.Zero);
        nodes[0].Limits.Settle(first, 300, NanoUsd.Zero);
        await nodes[0].SettledAsync();

        LimitLease second = Some.Lease(scope, tokens: 500);
        (await nodes[1].ReserveAsync(second)).RemainingTokens.ShouldBe(200);
        nodes[1].Limits.Settle(second, 700, NanoUsd.Zero);
        await nodes[1].SettledAsync();
        // 1000 used: nothing is left, whatever is asked.
        LimitDecision none = await nodes[0].ReserveAsync(Some.Lease(scope, tokens: 1));
        none.Exceeded.ShouldBe(LimitKind.Tokens);
        none.ResetTokensMs.ShouldBeInRange(50_000, 60_500);
    }

    [Fact]
    public async Task MoreThanIsLeft_PassesAloneButNotBesideOthers()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(tpm: 100);

        LimitDecision[] decisions = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => nodes[i % 2].ReserveAsync(Some.Lease(scope, tokens: 5000))));

        decisions.Count(d => d.Admitted).ShouldBe(1);
    }

    [Fact]
    public async Task MaxParallel_OverTwoNodes_NeverMoreAndAllPlacesComeBack()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(parallel: 5);
        for (int round = 0; round < 3; round++)
        {
            LimitLease[] leases = [.. Enumerable.Range(0, 50).Select(_ => Some.Lease(scope))];
            LimitDecision[] decisions = await Task.WhenAll(leases.Select((l, i) => nodes[i % 2].ReserveAsync(l)));

            decisions.Count(d => d.Admitted).ShouldBe(5);
            decisions.First(d => !d.Admitted).Exceeded.ShouldBe(LimitKind.Parallel);
            for (int i = 0; i < leases.Length; i++)
            {
                nodes[i % 2].Limits.Settle(leases[i], 0, NanoUsd.Zero);
            }
            await nodes.SettledAsync();
        }
        scope.State.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Budget_200InParallelOverTwoNodes_SpendsNoMoreThanTheAmountAndRefusesByName()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(budgets: Some.Budget(1000)), Some.Scope(budgets: Some.Budget(1000))];
        int admitted = 0;

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            LimitLease lease = Some.Lease(scopes[i % 2], money: 100);
            if ((await nodes[i % 2].ReserveAsync(lease)).Admitted)
            {
                Interlocked.Increment(ref admitted);
                nodes[i % 2].Limits.Settle(lease, 0, new NanoUsd(100));
            }
        }));
        await nodes.SettledAsync();

        admitted.ShouldBe(10);
        LimitDecision refused = await nodes[0].ReserveAsync(Some.Lease(scopes[0], money: 100));
        refused.Exceeded.ShouldBe(LimitKind.Budget);
        (refused.Budget!.Budget.Name, refused.Budget.State.Spent, refused.Budget.State.Reserved).ShouldBe(("b", new NanoUsd(1000), NanoUsd.Zero));
        refused.RetryAfter.ShouldBe(refused.Budget.State.Window.End - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Budget_SoftOrEnded_RefusesNothingOrEverything()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope soft = Some.Scope(id: "soft", budgets: Some.Budget(1, hard: false));
        LimitScope ended = Some.Scope(id: "ended", budgets: Some.Budget(1000, period: BudgetPeriod.Fixed, until: DateTimeOffset.UnixEpoch.AddYears(40)));

        (await nodes[0].ReserveAsync(Some.Lease(soft, money: 100))).Admitted.ShouldBeTrue();
        (await nodes[0].ReserveAsync(Some.Lease(soft, money: 100))).Admitted.ShouldBeTrue();
        (await nodes[0].ReserveAsync(Some.Lease(ended, money: 1))).Exceeded.ShouldBe(LimitKind.Budget);
    }

    [Fact]
    public async Task Budget_LargeAmounts_AreCountedToTheNanoDollar()
    {
        await using Pair nodes = await Pair.StartAsync();
        Budget budget = Some.Budget(8_000_000_000_000_001);
        LimitScope scope = Some.Scope(budgets: budget);
        LimitLease lease = Some.Lease(scope, money: 8_000_000_000_000_000);
        (await nodes[0].ReserveAsync(lease)).Admitted.ShouldBeTrue();
        nodes[0].Limits.Settle(lease, 0, lease.Money);
        await nodes.SettledAsync();

        LimitLease last = Some.Lease(scope, money: 1);
        (await nodes[1].ReserveAsync(last)).Admitted.ShouldBeTrue();
        (await nodes[0].ReserveAsync(Some.Lease(scope, money: 1))).Budget!.State.Spent.ShouldBe(new NanoUsd(8_000_000_000_000_000));
    }

    [Fact]
    public async Task NodeThatIsLost_WhatItHeldComesFreeWithinSeconds()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(tpm: 1000, parallel: 3);
        for (int i = 0; i < 3; i++)
        {
            (await nodes[0].ReserveAsync(Some.Lease(scope, tokens: 300))).Admitted.ShouldBeTrue();
        }
        (await nodes[1].ReserveAsync(Some.Lease(scope, tokens: 1))).Exceeded.ShouldBe(LimitKind.Parallel);
        // As long as the node is there its calls may take as long as they like.
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        (await nodes[1].ReserveAsync(Some.Lease(scope, tokens: 1))).Exceeded.ShouldBe(LimitKind.Parallel);

        await nodes[0].LoseAsync();

        LimitDecision decision = default;
        await Eventually.TrueAsync(() => (decision = nodes[1].ReserveAsync(Some.Lease(scope, tokens: 1)).GetAwaiter().GetResult()).Admitted);
        decision.RemainingTokens.ShouldBe(999);
    }

    [Fact]
    public async Task EveryKey_GoesAwayByItself()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(rpm: 10, tpm: 1000, parallel: 5, budgets: Some.Budget(1000));
        LimitLease lease = Some.Lease(scope, tokens: 10, money: 10);
        await node.ReserveAsync(lease);
        node.Limits.Settle(lease, 5, new NanoUsd(5));
        await node.ReserveAsync(Some.Lease(scope, tokens: 10, money: 10));
        await node.SettledAsync();

        RedisReply keys = await server.AskAsync("KEYS", "*");

        keys.Items.Length.ShouldBe(5);
        foreach (RedisReply key in keys.Items)
        {
            key.Text.ShouldStartWith("{gw}:");
            (await server.AskAsync("PTTL", key.Text)).Integer.ShouldBeGreaterThan(0, key.Text);
        }
    }

    [Fact]
    public async Task NothingLimited_AsksNobody()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings(failsOpen: false));
        await server.KillAsync();
        await Eventually.TrueAsync(() => !node.Link.IsUp);
        LimitLease lease = Some.Lease(Some.Scope());

        (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
        node.Limits.Settle(lease, 5, NanoUsd.Zero);

        node.Events.Unsettled.ShouldBe(0);
    }
}

/// <summary>A Redis with two nodes.</summary>
internal sealed record Pair(RedisServer Server, LimitNode[] Nodes) : IAsyncDisposable
{
    public LimitNode this[int index] => Nodes[index];

    public static async Task<Pair> StartAsync()
    {
        RedisServer server = await RedisServer.StartAsync();
        return new Pair(server, [await LimitNode.StartAsync(server.Settings()), await LimitNode.StartAsync(server.Settings())]);
    }

    public Task SettledAsync() => Task.WhenAll(Nodes.Select(n => n.SettledAsync()));

    public async ValueTask DisposeAsync()
    {
        foreach (LimitNode node in Nodes)
        {
            await node.DisposeAsync();
        }
        await Server.DisposeAsync();
    }
}
