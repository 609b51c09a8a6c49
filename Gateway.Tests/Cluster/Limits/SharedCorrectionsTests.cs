using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Limits;

/// <summary>What no call of a node settled, told to the others: corrected prices and what a killed node's calls cost.</summary>
public sealed class SharedCorrectionsTests
{
    [Fact]
    public async Task Share_WhatNoCallOfANodeSettled_CountsForAllAndOnce()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope[] scopes = [Some.Scope(budgets: Some.Budget(1000)), Some.Scope(budgets: Some.Budget(1000))];
        LimitLease call = Some.Lease(scopes[0], money: 300);
        (await nodes[0].ReserveAsync(call)).Admitted.ShouldBeTrue();
        nodes[0].Limits.Settle(call, 0, new NanoUsd(300));
        Budget budget = scopes[0].Budgets[0];
        BudgetWindow window = budget.WindowAt(TimeProvider.System.GetUtcNow());

        // Dearer by 700, of which 100 turned out wrong.
        nodes[0].Limits.Share(scopes[0], budget, window, new NanoUsd(700));
        await nodes[0].SettledAsync();
        (await nodes[1].ReserveAsync(Some.Lease(scopes[1], money: 1))).Budget!.State.Spent.ShouldBe(new NanoUsd(1000));
        nodes[0].Limits.Share(scopes[0], budget, window, new NanoUsd(-100));
        await nodes[0].SettledAsync();

        (await nodes[1].ReserveAsync(Some.Lease(scopes[1], money: 100))).Admitted.ShouldBeTrue();
        nodes[0].Known.Of(LimitKeys.OfBudget(budget), budget, window, TimeProvider.System.GetUtcNow()).Spent.ShouldBe(900);
    }

    [Fact]
    public async Task Share_BeforeItIsKnownWhatWasSpent_WaitsSoThatANewRedisLearnsAllOfIt()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode restarted = await LimitNode.StartAsync(server.Settings(), seedWait: TimeSpan.FromSeconds(20));
        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(budgets: Some.Budget(1000));
        Budget budget = scope.Budgets[0];
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        restarted.Limits.Share(scope, budget, budget.WindowAt(now), new NanoUsd(100));
        // What was sent at once would have arrived by now, and Redis would begin with it alone.
        await restarted.SettledAsync();
        (await server.AskAsync("EXISTS", LimitKeys.OfBudget(budget))).Integer.ShouldBe(0);
        // The books hold what was shared, too.
        budget.Meter.Seed(budget, budget.WindowAt(now), new NanoUsd(950), now);

        await Eventually.TrueAsync(() => restarted.Known.Of(LimitKeys.OfBudget(budget), budget, budget.WindowAt(now), now).Spent == 950);
        await restarted.SettledAsync();
        await Eventually.TrueAsync(async () =>
            (await other.ReserveAsync(Some.Lease(Some.Scope(budgets: Some.Budget(1000)), money: 60))) is { Exceeded: LimitKind.Budget, Budget.State.Spent.Value: 950 });
    }

    [Fact]
    public async Task Settle_OfASoftBudgetBeforeItIsKnownWhatWasSpent_NewRedisLearnsAllOfIt()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode restarted = await LimitNode.StartAsync(server.Settings(), seedWait: TimeSpan.FromSeconds(20));
        await using LimitNode other = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(parallel: 5, budgets: Some.Budget(1000, hard: false));
        Budget budget = scope.Budgets[0];
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        // Nobody waits for a soft budget.
        foreach (LimitLease call in new[] { Some.Lease(scope, money: 10), Some.Lease(scope, money: 10) })
        {
            (await restarted.ReserveAsync(call)).Admitted.ShouldBeTrue();
            restarted.Limits.Settle(call, 0, new NanoUsd(50));
        }
        await restarted.SettledAsync();
        (await server.AskAsync("EXISTS", LimitKeys.OfBudget(budget))).Integer.ShouldBe(0);
        (await server.AskAsync("ZCARD", LimitKeys.OfScope(scope) + ":l")).Integer.ShouldBe(0);
        // The books hold what the two cost.
        budget.Meter.Seed(budget, budget.WindowAt(now), new NanoUsd(950), now);

        await Eventually.TrueAsync(() => restarted.Known.Of(LimitKeys.OfBudget(budget), budget, budget.WindowAt(now), now).Spent == 950);
        LimitDecision refused = await other.ReserveAsync(Some.Lease([Some.Scope(budgets: Some.Budget(940))], money: 60));
        refused.Exceeded.ShouldBe(LimitKind.Budget);
        refused.Budget!.State.Spent.ShouldBe(new NanoUsd(950));
    }

    [Fact]
    public async Task Share_OfAWindowThatIsOver_IsTheBooksAlone()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(budgets: Some.Budget(1000));
        Budget budget = scope.Budgets[0];
        (await nodes[0].ReserveAsync(Some.Lease(scope, money: 1))).Admitted.ShouldBeTrue();

        nodes[0].Limits.Share(scope, budget, budget.WindowAt(TimeProvider.System.GetUtcNow().AddDays(-40)), new NanoUsd(5000));
        await nodes[0].SettledAsync();

        (await nodes[1].ReserveAsync(Some.Lease(Some.Scope(budgets: Some.Budget(1000)), money: 999))).Admitted.ShouldBeTrue();
    }
}
