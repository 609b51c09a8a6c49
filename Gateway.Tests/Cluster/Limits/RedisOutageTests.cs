using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Limits;

/// <summary>Redis goes away, forgets, or comes back: limits hold on every node, nothing is counted twice, nothing leaks.</summary>
public sealed class RedisOutageTests
{
    [Fact]
    public async Task Open_RedisKilled_EachNodeGoesOnFromWhatItLetThrough()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(rpm: 30), Some.Scope(rpm: 30)];
        for (int i = 0; i < 20; i++)
        {
            (await nodes[0].ReserveAsync(Some.Lease(scopes[0]))).Admitted.ShouldBeTrue();
        }

        await nodes.Server.KillAsync();
        LimitDecision[] first = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => nodes[0].ReserveAsync(Some.Lease(scopes[0]))));
        LimitDecision[] second = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => nodes[1].ReserveAsync(Some.Lease(scopes[1]))));

        first.Count(d => d.Admitted).ShouldBe(10);
        second.Count(d => d.Admitted).ShouldBe(30);
    }

    // It forgets, and this node still knows.
    [Fact]
    public async Task RestartedEmpty_ANodeLetsNoMoreThroughThanTheLimit()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(rpm: 30);
        for (int i = 0; i < 30; i++)
        {
            (await node.ReserveAsync(Some.Lease(scope))).Admitted.ShouldBeTrue();
        }

        await server.KillAsync();
        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => node.Link.IsUp && node.Log.Lines.Any(l => l.Contains("is back", StringComparison.Ordinal)));
        LimitDecision[] more = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => node.ReserveAsync(Some.Lease(scope))));

        more.ShouldAllBe(d => d.Exceeded == LimitKind.Requests);
        await node.SettledAsync();
        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        (await other.ReserveAsync(Some.Lease(Some.Scope(rpm: 30)))).RemainingRequests.ShouldBe(29, "what this node refused holds nothing there");
    }

    [Fact]
    public async Task Closed_RedisKilled_RefusesAndComesBackByItself()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings(failsOpen: false));
        LimitScope scope = Some.Scope(rpm: 30);
        (await node.ReserveAsync(Some.Lease(scope))).Admitted.ShouldBeTrue();

        await server.KillAsync();
        LimitDecision refused = await node.ReserveAsync(Some.Lease(scope));
        (refused.Exceeded, refused.RetryAfter).ShouldBe((LimitKind.Unavailable, TimeSpan.FromSeconds(1)));
        LimitErrors.Of(refused, 0).StatusCode.ShouldBe(503);
        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => node.Link.IsUp);

        (await node.ReserveAsync(Some.Lease(scope))).Admitted.ShouldBeTrue();
    }

    [Fact]
    public async Task Frozen_ReservationOfUnknownOutcome_IsNotHeldAfterwards()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings(failsOpen: false) with { Timeout = TimeSpan.FromSeconds(1) });
        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(parallel: 1);

        await server.FreezeAsync();
        (await node.ReserveAsync(Some.Lease(scope))).Exceeded.ShouldBe(LimitKind.Unavailable);
        await server.ThawAsync();
        await Eventually.TrueAsync(() => node.Link.IsUp && other.Link.IsUp);
        await node.SettledAsync();

        (await other.ReserveAsync(Some.Lease(scope))).Admitted.ShouldBeTrue();
    }

    [Fact]
    public async Task Frozen_CallThatTheNodeLetThroughItself_IsCountedOnceWhenItEnds()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings() with { Timeout = TimeSpan.FromSeconds(1) });
        LimitScope scope = Some.Scope(tpm: 1000, parallel: 5, budgets: Some.Budget(1000));
        LimitLease lease = Some.Lease(scope, tokens: 100, money: 100);

        await server.FreezeAsync();
        (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
        node.Limits.Settle(lease, 70, new NanoUsd(70));
        await server.ThawAsync();
        await Eventually.TrueAsync(() => node.Link.IsUp);
        await node.SettledAsync();

        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitDecision next = await other.ReserveAsync(Some.Lease(scope, tokens: 30));
        next.RemainingTokens.ShouldBe(900);
        LimitDecision refused = await other.ReserveAsync(Some.Lease(scope, money: 1000));
        (refused.Exceeded, refused.Budget!.State.Spent).ShouldBe((LimitKind.Budget, new NanoUsd(70)));
    }

    [Fact]
    public async Task Restarted_SettlementsThatWaitedArriveOnceAndTheBudgetIsSeeded()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(budgets: Some.Budget(100_000));
        await SpendAsync(node, scope, 1000);
        await node.SettledAsync();
        LimitLease[] running = [.. Enumerable.Range(0, 500).Select(_ => Some.Lease(scope, money: 10))];
        await Task.WhenAll(running.Select(node.ReserveAsync));

        // It forgets all that it knew, while calls end.
        await server.KillAsync();
        Array.ForEach(running, l => node.Limits.Settle(l, 0, new NanoUsd(10)));
        node.Events.Unsettled.ShouldBeGreaterThan(400);
        await server.StartAgainAsync();
        await node.SettledAsync();

        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitScope again = Some.Scope(budgets: Some.Budget(6000));
        LimitDecision refused = await other.ReserveAsync(Some.Lease(again, money: 1));
        (refused.Exceeded, refused.Budget?.State.Spent).ShouldBe((LimitKind.Budget, new NanoUsd(6000)));
        scope.Budgets[0].Meter.Read(scope.Budgets[0], TimeProvider.System.GetUtcNow()).Spent.ShouldBe(new NanoUsd(6000));
    }

    // The first node to ask may be the one that has heard least.
    [Fact]
    public async Task RestartedEmpty_BudgetBeginsWithTheNewestFigureThatAnyNodeHeard()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(budgets: Some.Budget(100)), Some.Scope(budgets: Some.Budget(100))];
        await SpendAsync(nodes[0], scopes[0], 40);
        await nodes.SettledAsync();
        await SpendAsync(nodes[1], scopes[1], 30);
        await nodes.SettledAsync();

        await RestartEmptyAsync(nodes);
        await SpendAsync(nodes[0], scopes[0], 5);
        await nodes.SettledAsync();
        (await SpentAsync(nodes)).ShouldBe(45);
        // Told again and again, it counts once; and what was heard since the restart is no news.
        for (int i = 0; i < 3; i++)
        {
            await SpendAsync(nodes[1], scopes[1], 1);
            await SpendAsync(nodes[0], scopes[0], 1);
            await nodes.SettledAsync();
        }

        (await SpentAsync(nodes)).ShouldBe(81);
        LimitDecision refused = await nodes[0].ReserveAsync(Some.Lease(Some.Scope(budgets: Some.Budget(81)), money: 1));
        (refused.Exceeded, refused.Budget!.State.Spent).ShouldBe((LimitKind.Budget, new NanoUsd(81)));
    }

    [Fact]
    public async Task RestartedEmptyTwice_AFigureThatKnowsOfLessTakesNothingAway()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(budgets: Some.Budget(1000)), Some.Scope(budgets: Some.Budget(1000))];
        for (int i = 0; i < 5; i++)
        {
            await SpendAsync(nodes[1], scopes[1], 10);
        }
        await nodes.SettledAsync();
        await RestartEmptyAsync(nodes);
        // This one knows nothing of the first life, and the other hears nothing of the second, in which that was never told.
        await SpendAsync(nodes[0], scopes[0], 1);
        await nodes.SettledAsync();
        await RestartEmptyAsync(nodes);
        await SpendAsync(nodes[1], scopes[1], 2);
        await nodes.SettledAsync();
        (await SpentAsync(nodes)).ShouldBe(52);

        await SpendAsync(nodes[0], scopes[0], 3);
        await nodes.SettledAsync();

        (await SpentAsync(nodes)).ShouldBe(55);
    }

    [Fact]
    public async Task RestartedEmpty_CorrectionThatOneNodeHeardOf_IsNotForgotten()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(budgets: Some.Budget(1000)), Some.Scope(budgets: Some.Budget(1000))];
        Budget budget = scopes[1].Budgets[0];
        await SpendAsync(nodes[0], scopes[0], 300);
        await nodes.SettledAsync();
        nodes[1].Limits.Share(scopes[1], budget, budget.WindowAt(TimeProvider.System.GetUtcNow()), new NanoUsd(-100));
        await nodes.SettledAsync();

        await RestartEmptyAsync(nodes);
        (await nodes[0].ReserveAsync(Some.Lease(scopes[0], money: 1))).Admitted.ShouldBeTrue();
        (await SpentAsync(nodes)).ShouldBe(300);
        (await nodes[1].ReserveAsync(Some.Lease(scopes[1], money: 1))).Admitted.ShouldBeTrue();

        (await SpentAsync(nodes)).ShouldBe(200);
    }

    // What all have spent in it is in the books, too, which each of them reads meanwhile.
    [Fact]
    public async Task WindowThatBeganWhileRedisWasAway_CountsWhatEachNodeSpentOnce()
    {
        await using Pair nodes = await Pair.StartAsync();
        await nodes.Server.KillAsync();
        await Eventually.TrueAsync(() => !nodes[0].Link.IsUp && !nodes[1].Link.IsUp);
        DateTimeOffset start = TimeProvider.System.GetUtcNow();
        LimitScope[] scopes = [.. Enumerable.Range(0, 2).Select(_ => Some.Scope(budgets: Some.Budget(5000, period: BudgetPeriod.Fixed, from: start)))];
        await SpendAsync(nodes[0], scopes[0], 300);
        await SpendAsync(nodes[1], scopes[1], 400);
        foreach (Budget budget in scopes.Select(s => s.Budgets[0]))
        {
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            budget.Meter.Seed(budget, budget.WindowAt(now), new NanoUsd(700), now);
        }

        await nodes.Server.StartAgainAsync();
        await nodes[0].SettledAsync();
        await nodes[1].SettledAsync();

        await using LimitNode other = await LimitNode.StartAsync(nodes.Server.Settings());
        LimitDecision refused = await other.ReserveAsync(Some.Lease(Some.Scope(budgets: Some.Budget(1, period: BudgetPeriod.Fixed, from: start)), money: 1));
        refused.Budget.ShouldNotBeNull().State.Spent.ShouldBe(new NanoUsd(700));
        scopes[0].Budgets[0].Meter.Read(scopes[0].Budgets[0], TimeProvider.System.GetUtcNow()).Spent.ShouldBe(new NanoUsd(700));
    }

    // Redis carries the reservation out when it goes on, in the next window: when it was made says nothing of when the call began.
    [Fact]
    public async Task FrozenOverABudgetsTurn_CallThatBeganBefore_IsNotCountedInTheNewWindow()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings() with { Timeout = TimeSpan.FromSeconds(1) });
        LimitScope before = Some.Scope(budgets: Some.Budget(1000, period: BudgetPeriod.Fixed, from: TimeProvider.System.GetUtcNow().AddDays(-1)));
        // A Redis that has the script already carries it out.
        await SpendAsync(node, before, 50);
        await node.SettledAsync();
        LimitLease lease = Some.Lease(before, money: 300);
        await server.FreezeAsync();
        (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
        // Windows begin with a step of Redis' counting.
        var turn = DateTimeOffset.FromUnixTimeMilliseconds(((TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 250) + 1) * 250);
        await Eventually.TrueAsync(() => TimeProvider.System.GetUtcNow() >= turn);
        await server.ThawAsync();
        await Eventually.TrueAsync(async () => (await server.AskAsync("ZCARD", LimitKeys.OfScope(before) + ":l")).Integer == 1);
        await Eventually.TrueAsync(() => node.Link.IsUp);

        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitScope after = Some.Scope(budgets: Some.Budget(1000, period: BudgetPeriod.Fixed, from: turn));
        await SpendAsync(other, after, 100);
        node.Limits.Settle(lease, 0, new NanoUsd(300));
        await node.SettledAsync();

        (await server.AskAsync("HGET", LimitKeys.OfBudget(after.Budgets[0]), "S")).Text.ShouldBe("100");
    }

    [Fact]
    public async Task ConnectionsCutUnderLoad_EverySettlementCountsOnceAndNothingStaysReserved()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(budgets: Some.Budget(1_000_000_000));
        int calls = 0;
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                LimitLease lease = Some.Lease(scope, money: 50);
                (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
                node.Limits.Settle(lease, 0, new NanoUsd(7));
                Interlocked.Increment(ref calls);
                // Whoever is refused nothing and waits for nothing would keep all threads to itself.
                await Task.Delay(1);
            }
        }))];

        for (int i = 0; i < 10 || Volatile.Read(ref calls) <= 100; i++)
        {
            await server.AskAsync("CLIENT", "KILL", "TYPE", "normal");
            await Task.Delay(150, TestContext.Current.CancellationToken);
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        await node.SettledAsync();

        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitDecision refused = await other.ReserveAsync(Some.Lease(Some.Scope(budgets: Some.Budget(1)), money: 1));
        (refused.Budget?.State.Spent, refused.Budget?.State.Reserved, refused.Budget?.State.InFlight).ShouldBe((new NanoUsd(7L * calls), NanoUsd.Zero, 0));
    }

    // A replica that takes over, or a file that is written once a second, lacks the end of what was answered.
    [Fact]
    public async Task RedisThatLostItsLastMoments_TakesWhatEndsAfterwards()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(budgets: Some.Budget(100_000));
        for (int i = 0; i < 5; i++)
        {
            await SpendAsync(node, scope, 10);
            await node.SettledAsync();
        }
        await server.AskAsync("SET", node.Node.BatchKey, "2");

        await SpendAsync(node, scope, 10);
        await node.SettledAsync();

        (await server.AskAsync("HGET", LimitKeys.OfBudget(scope.Budgets[0]), "S")).Text.ShouldBe("60");
    }

    // As a moment without memory is: the service starts again, and what was on its way must be sent again by it.
    [Fact]
    public async Task SettlementThatCouldNotBeWritten_IsSentWhenTheQueueStartsAgain()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(budgets: Some.Budget(100_000));
        LimitScope[] scopes = [Some.Scope(kind: (ScopeKind)byte.MaxValue, budgets: scope.Budgets[0])];
        node.Events.Post(new LimitEvent(LimitEventKind.Ended, Some.Lease(scope), scopes, 0, 10, Unsure: false));
        await Eventually.TrueAsync(() => node.Events.ExecuteTask is { IsFaulted: true });

        scopes[0] = scope;
        await node.Events.StartAsync(TestContext.Current.CancellationToken);
        await node.SettledAsync();

        (await server.AskAsync("HGET", LimitKeys.OfBudget(scope.Budgets[0]), "S")).Text.ShouldBe("10");
    }

    private static async Task RestartEmptyAsync(Pair nodes)
    {
        int[] back = [.. nodes.Nodes.Select(Backs)];
        await nodes.Server.KillAsync();
        await nodes.Server.StartAgainAsync();
        await Eventually.TrueAsync(() => nodes.Nodes.Index().All(n => n.Item.Link.IsUp && Backs(n.Item) > back[n.Index]));
    }

    private static int Backs(LimitNode node) => node.Log.Lines.Count(l => l.Contains("is back", StringComparison.Ordinal));

    private static async Task<long> SpentAsync(Pair nodes) =>
        long.Parse((await nodes.Server.AskAsync("HGET", LimitKeys.OfBudget(Some.Budget(1)), "S")).Text!, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task SpendAsync(LimitNode node, LimitScope scope, long money)
    {
        LimitLease lease = Some.Lease(scope, money: money);
        (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
        node.Limits.Settle(lease, 0, new NanoUsd(money));
    }
}
