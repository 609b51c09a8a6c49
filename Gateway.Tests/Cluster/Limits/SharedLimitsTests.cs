using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Limits;
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
        refused.RetryAfter.ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60.5));
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
        none.ResetTokensMs.ShouldBeInRange(30_000, 60_500);
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

    [Theory]
    [InlineData(-1, false)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Budget_NodeWhoseClockIsADayOff_NeitherResetsItNorSpendsPastIt(int days, bool comesFirst)
    {
        var ahead = TimeSpan.FromDays(days);
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode right = await LimitNode.StartAsync(server.Settings());
        await using LimitNode wrong = await LimitNode.StartAsync(server.Settings(), ahead: ahead);
        LimitScope[] scopes = [Some.Scope(budgets: Some.Budget(1000, period: BudgetPeriod.Day)), Some.Scope(budgets: Some.Budget(1000, period: BudgetPeriod.Day))];
        for (int i = 0; i < 2; i++)
        {
            bool isRight = i == 0 != comesFirst;
            LimitLease call = Some.Lease(scopes[isRight ? 0 : 1], money: 500, ahead: isRight ? default : ahead);
            (await (isRight ? right : wrong).ReserveAsync(call)).Admitted.ShouldBeTrue();
            (isRight ? right : wrong).Limits.Settle(call, 0, new NanoUsd(500));
            await (isRight ? right : wrong).SettledAsync();
        }

        (await right.ReserveAsync(Some.Lease(scopes[0], money: 1))).Exceeded.ShouldBe(LimitKind.Budget);
        (await wrong.ReserveAsync(Some.Lease(scopes[1], money: 1, ahead: ahead))).Exceeded.ShouldBe(LimitKind.Budget);
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
        (LimitScope scope, LimitScope elsewhere) = (Some.Scope(tpm: 1000, parallel: 3), Some.Scope(tpm: 1000, parallel: 3));
        for (int i = 0; i < 3; i++)
        {
            (await nodes[0].ReserveAsync(Some.Lease(scope, tokens: 300))).Admitted.ShouldBeTrue();
        }
        (await nodes[1].ReserveAsync(Some.Lease(elsewhere, tokens: 1))).Exceeded.ShouldBe(LimitKind.Parallel);
        // As long as the node is there its calls may take as long as they like.
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        (await nodes[1].ReserveAsync(Some.Lease(elsewhere, tokens: 1))).Exceeded.ShouldBe(LimitKind.Parallel);

        await nodes[0].LoseAsync();

        LimitDecision decision = default;
        await Eventually.TrueAsync(() => (decision = nodes[1].ReserveAsync(Some.Lease(elsewhere, tokens: 1)).GetAwaiter().GetResult()).Admitted);
        decision.RemainingTokens.ShouldBe(999);
    }

    [Fact]
    public async Task CallThatIsOverByItsDeadline_WhatItHeldComesFreeThoughItsNodeIsThere()
    {
        await using Pair nodes = await Pair.StartAsync();
        (LimitScope scope, LimitScope elsewhere) = (Some.Scope(tpm: 1000, parallel: 1), Some.Scope(tpm: 1000, parallel: 1));
        LimitLease forgotten = Some.Lease(scope, tokens: 300);
        (await nodes[0].ReserveAsync(forgotten)).Admitted.ShouldBeTrue();
        await LookAtAsync(nodes.Server, forgotten, overdue: false);
        (await nodes[1].ReserveAsync(Some.Lease(elsewhere, tokens: 1))).Exceeded.ShouldBe(LimitKind.Parallel);

        await LookAtAsync(nodes.Server, forgotten, overdue: true);

        LimitDecision decision = await nodes[1].ReserveAsync(Some.Lease(elsewhere, tokens: 1));
        (decision.Exceeded, decision.RemainingTokens).ShouldBe((LimitKind.None, 999));
    }

    /// <summary>Makes it time to look whether the call is still there; Redis goes by its own clock.</summary>
    private static async Task LookAtAsync(RedisServer server, LimitLease lease, bool overdue) => (await server.AskAsync("EVAL", """
        local held, ends, node = string.match(redis.call('HGET', KEYS[1], 'l' .. ARGV[1]), '^(%d+ %d+ %d+) (%d+) (%S+)$')
        redis.call('HSET', KEYS[1], 'l' .. ARGV[1], held .. ' ' .. (ARGV[2] == '1' and '1' or ends) .. ' ' .. node)
        redis.call('ZADD', KEYS[1] .. ':l', 0, ARGV[1])
        return 'OK'
        """, "1", LimitKeys.OfScope(lease.Scopes[0]), lease.Id.ToString("N"), overdue ? "1" : "0")).Text.ShouldBe("OK");

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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AnySequence_HasTheSameVerdictsAsInOneProcess(int seed)
    {
        await using Pair nodes = await Pair.StartAsync();
        var random = new Random(seed);
        var local = new LocalLimits(TimeProvider.System);
        LimitScope[] ofLocal = NewScopes();
        LimitScope[][] ofNodes = [NewScopes(), NewScopes()];
        List<(LimitLease Local, LimitLease Shared, int Node)> running = [];
        for (int i = 0; i < 400; i++)
        {
            int at = random.Next(2);
            if (running.Count > 0 && random.Next(5) < 2)
            {
                (LimitLease mine, LimitLease shared, int node) = running[random.Next(running.Count)];
                if (random.Next(4) == 0)
                {
                    local.Extend(mine, mine.Tokens + 3, new NanoUsd(mine.Money.Value + 2));
                    nodes[node].Limits.Extend(shared, shared.Tokens + 3, new NanoUsd(shared.Money.Value + 2));
                }
                else
                {
                    running.RemoveAll(r => r.Shared == shared);
                    (int used, int cost) = (random.Next(12), random.Next(12));
                    local.Settle(mine, used, new NanoUsd(cost));
                    nodes[node].Limits.Settle(shared, used, new NanoUsd(cost));
                }
                await nodes[node].SettledAsync();
                continue;
            }
            (int tokens, int money, int first, int count) = (random.Next(40), random.Next(30), random.Next(3), 1 + random.Next(3));
            LimitLease asked = Some.Lease([.. ofLocal.Skip(first).Take(count)], tokens, money);
            LimitLease askedShared = Some.Lease([.. ofNodes[at].Skip(first).Take(count)], tokens, money);

            LimitDecision expected = local.Reserve(asked);
            LimitDecision decision = await nodes[at].ReserveAsync(askedShared);

            Facts(decision).ShouldBe(Facts(expected), $"step {i}");
            if (decision.Admitted)
            {
                running.Add((asked, askedShared, at));
            }
        }

        static LimitScope[] NewScopes() =>
        [
            Some.Scope(rpm: 200, tpm: 150, parallel: 4, budgets: Some.Budget(900)),
            Some.Scope(ScopeKind.Team, tpm: 400, budgets: [Some.Budget(700, hard: false), Another(600)]),
            Some.Scope(ScopeKind.Gateway, rpm: 120, parallel: 9),
        ];
        static Budget Another(long amount) => new() { Id = "another", Name = "another", Amount = new NanoUsd(amount), Period = BudgetPeriod.Day, Meter = new BudgetMeter() };
        // Refused for its places or its money, a call's own request is part of the figures in one process and not in Redis.
        static string Facts(LimitDecision d) => d.Exceeded is LimitKind.Parallel or LimitKind.Budget
            ? $"{d.Exceeded} {d.Scope?.Kind} {d.Budget?.Budget.Id} {d.Budget?.State.Spent} {d.Budget?.State.Reserved}"
            : $"{d.Exceeded} {d.Scope?.Kind} {d.Budget?.Budget.Id} {d.Budget?.State.Spent} {d.LimitRequests} {d.LimitTokens} {d.RemainingRequests} {d.RemainingTokens}";
    }

    [Fact]
    public async Task Window_StepsLeaveItAfterAMinute()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings());
        LimitScope scope = Some.Scope(rpm: 2, tpm: 100);
        for (int i = 0; i < 2; i++)
        {
            LimitLease lease = Some.Lease(scope, tokens: 30);
            (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
            node.Limits.Settle(lease, 50, NanoUsd.Zero);
        }
        await node.SettledAsync();

        // Redis goes by its own clock: what it holds is made older instead.
        await AgeAsync(server, steps: 200);
        LimitDecision still = await node.ReserveAsync(Some.Lease(scope));
        (still.Exceeded, still.RemainingTokens).ShouldBe((LimitKind.Requests, 0));
        still.ResetRequestsMs.ShouldBeInRange(1, 10_251);
        still.ResetTokensMs.ShouldBeInRange(1, 10_251);
        await AgeAsync(server, steps: 41);

        // The node's own minute is not over, so it asks as one that has let nothing through.
        LimitDecision next = await node.ReserveAsync(Some.Lease(Some.Scope(rpm: 2, tpm: 100), tokens: 40));
        (next.Exceeded, next.RemainingRequests, next.RemainingTokens).ShouldBe((LimitKind.None, 1, 60));
        RedisReply fields = await server.AskAsync("HKEYS", "{gw}:key:a");
        fields.Items.Count(f => f.Text[0] is 'r' or 't').ShouldBe(1);
    }

    private static async Task AgeAsync(RedisServer server, int steps) => (await server.AskAsync("EVAL", """
        local fields = redis.call('HGETALL', KEYS[1])
        redis.call('DEL', KEYS[1])
        for i = 1, #fields, 2 do
          local kind, step = string.match(fields[i], '^([rt])(%d+)$')
          local value = fields[i + 1]
          if fields[i] == 'o' or fields[i] == 'n' then value = value - ARGV[1] end
          redis.call('HSET', KEYS[1], kind and kind .. (step - ARGV[1]) or fields[i], value)
        end
        return 'OK'
        """, "1", "{gw}:key:a", steps.ToString(System.Globalization.CultureInfo.InvariantCulture))).Text.ShouldBe("OK");

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

    // It is told once, by whichever of the two ways.
    [Fact]
    public async Task CallThatEnds_InTheMomentInWhichItsBudgetIsKnown_CountsOnce()
    {
        const int Rounds = 20_000;
        await using RedisServer server = await RedisServer.StartAsync();
        await using LimitNode node = await LimitNode.StartAsync(server.Settings(), seedWait: TimeSpan.FromSeconds(5));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using var together = new Barrier(2);
        Budget[] budgets = [.. Enumerable.Range(0, Rounds).Select(_ => Some.Budget(1_000_000_000, hard: false))];
        Task seeding = Task.Run(() => Array.ForEach(budgets, b =>
        {
            together.SignalAndWait(TestContext.Current.CancellationToken);
            b.Meter.Seed(b, b.WindowAt(now), NanoUsd.Zero, now);
        }), TestContext.Current.CancellationToken);
        for (int i = 0; i < Rounds; i++)
        {
            LimitLease lease = Some.Lease(Some.Scope(budgets: budgets[i]), money: 7);
            (await node.ReserveAsync(lease)).Admitted.ShouldBeTrue();
            together.SignalAndWait(TestContext.Current.CancellationToken);
            node.Limits.Settle(lease, 0, new NanoUsd(7));
        }
        await seeding;

        await node.SettledAsync();

        (await server.AskAsync("HGET", LimitKeys.OfBudget(budgets[0]), "S")).Text.ShouldBe((7 * Rounds).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
