using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Limits;

public class LocalLimitsTests
{
    private readonly LocalLimits _limits = new(TimeProvider.System);

    [Fact]
    public void Reserve_RefusedByALaterScope_TakesNothingOfTheEarlierOnes()
    {
        LimitScope key = Scope(ScopeKind.Key, rpm: 100, tpm: 1000, parallel: 10, dollars: 10);
        LimitScope team = Scope(ScopeKind.Team, rpm: 1);
        _limits.Reserve(Lease([team])).Admitted.ShouldBeTrue();

        LimitDecision refused = _limits.Reserve(Lease([key, team], tokens: 50, dollars: 1));

        refused.Exceeded.ShouldBe(LimitKind.Requests);
        refused.Scope.ShouldBe(team);
        LimitDecision left = _limits.Peek(Lease([key]));
        (left.RemainingRequests, left.RemainingTokens, key.State.InFlight).ShouldBe((100, 1000, 0));
        BudgetState budget = key.Budgets[0].Meter.Read(key.Budgets[0], DateTimeOffset.UnixEpoch.AddYears(60));
        (budget.Reserved, budget.InFlight).ShouldBe((NanoUsd.Zero, 0));
    }

    [Theory]
    [InlineData(ScopeKind.Key)]
    [InlineData(ScopeKind.Gateway)]
    public async Task Reserve_200InParallelOverTwoScopes_NeitherLimitIsExceededAndNothingIsLost(ScopeKind narrow)
    {
        LimitScope key = Scope(narrow, rpm: 70);
        LimitScope team = Scope(ScopeKind.Team, rpm: 50, parallel: 1000);
        LimitLease[] leases = [.. Enumerable.Range(0, 200).Select(_ => Lease([key, team]))];

        LimitDecision[] decisions = await Task.WhenAll(leases.Select(l => Task.Run(async () => await _limits.ReserveAsync(l, default))));

        decisions.Count(d => d.Admitted).ShouldBe(50);
        team.State.InFlight.ShouldBe(50);
        _limits.Peek(Lease([Again(key, 70)])).RemainingRequests.ShouldBe(20);
    }

    [Fact]
    public async Task Reserve_ParallelLimit_NeverMoreAtOnceAndAllPlacesComeBack()
    {
        LimitScope key = Scope(ScopeKind.Key, parallel: 5);
        int most = 0;
        int running = 0;
        int admitted = 0;

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
        {
            LimitLease lease = Lease([key]);
            if (_limits.Reserve(lease) is { Admitted: false, Exceeded: LimitKind.Parallel })
            {
                return;
            }
            Interlocked.Increment(ref admitted);
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            _limits.Settle(lease, 0, NanoUsd.Zero);
            _limits.Settle(lease, 0, NanoUsd.Zero);
        })));

        most.ShouldBeLessThanOrEqualTo(5);
        admitted.ShouldBeGreaterThan(0);
        key.State.InFlight.ShouldBe(0);
    }

    [Fact]
    public void Extend_BeyondWhatWasReserved_LeavesLessForOthersAndSettlesToWhatWasUsed()
    {
        LimitScope key = Scope(ScopeKind.Key, tpm: 1000, dollars: 10);
        LimitLease lease = Lease([key], tokens: 100, dollars: 1);
        _limits.Reserve(lease);

        _limits.Extend(lease, 900, NanoUsd.FromDollars(8));
        _limits.Extend(lease, 50, NanoUsd.Zero);

        _limits.Peek(Lease([key])).RemainingTokens.ShouldBe(100);
        _limits.Reserve(Lease([key], tokens: 200, dollars: 0)).Exceeded.ShouldBe(LimitKind.Tokens);
        _limits.Reserve(Lease([key], tokens: 1, dollars: 3)).Exceeded.ShouldBe(LimitKind.Budget);
        _limits.Settle(lease, 300, NanoUsd.FromDollars(2));
        _limits.Peek(Lease([key])).RemainingTokens.ShouldBe(700);
        Standing(key).ShouldBe((NanoUsd.FromDollars(2), NanoUsd.Zero, 0));
    }

    [Fact]
    public async Task ReserveAsync_BudgetThatDoesNotKnowWhatWasSpent_WaitsAndThenRefuses()
    {
        var waiting = new LocalLimits(TimeProvider.System, TimeSpan.FromMilliseconds(50));
        LimitScope key = Scope(ScopeKind.Key, dollars: 1);

        (await waiting.ReserveAsync(Lease([key]), TestContext.Current.CancellationToken)).Exceeded.ShouldBe(LimitKind.Unavailable);

        Budget budget = key.Budgets[0];
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var patient = new LocalLimits(TimeProvider.System, TimeSpan.FromSeconds(30));
        ValueTask<LimitDecision> asked = patient.ReserveAsync(Lease([key]), TestContext.Current.CancellationToken);
        budget.Meter.Seed(budget, budget.WindowAt(now), NanoUsd.FromDollars(1), now);
        (await asked).Exceeded.ShouldBe(LimitKind.Budget);
    }

    [Fact]
    public async Task Settle_AfterAnyMixOfOutcomes_NothingStaysReserved()
    {
        LimitScope key = Scope(ScopeKind.Key, rpm: 10_000, tpm: 100_000, parallel: 7, dollars: 3);
        LimitScope gateway = Scope(ScopeKind.Gateway, rpm: 150, tpm: 50_000, dollars: 2);
        long spent = 0;

        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            LimitLease lease = Lease([key, gateway], tokens: i, dollars: 0.01m);
            if (!(await _limits.ReserveAsync(lease, default)).Admitted)
            {
                return;
            }
            if (i % 3 == 0)
            {
                _limits.Extend(lease, i * 2, NanoUsd.FromDollars(0.02m));
            }
            long cost = i % 2 * 1000;
            Interlocked.Add(ref spent, cost);
            _limits.Settle(lease, i % 5, new NanoUsd(cost));
        })));

        foreach (LimitScope scope in (LimitScope[])[key, gateway])
        {
            (NanoUsd s, NanoUsd reserved, int inFlight) = Standing(scope);
            (s.Value, reserved, inFlight).ShouldBe((spent, NanoUsd.Zero, 0));
            scope.State.InFlight.ShouldBe(0);
        }
    }

    private static (NanoUsd Spent, NanoUsd Reserved, int InFlight) Standing(LimitScope scope)
    {
        BudgetState state = scope.Budgets[0].Meter.Read(scope.Budgets[0], TimeProvider.System.GetUtcNow());
        return (state.Spent, state.Reserved, state.InFlight);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private static LimitScope Again(LimitScope scope, int rpm) => new() { Kind = scope.Kind, Id = scope.Id, Name = scope.Name, Rpm = rpm, State = scope.State };

    private static LimitScope Scope(ScopeKind kind, int rpm = 0, int tpm = 0, int parallel = 0, decimal? dollars = null) => new()
    {
        Kind = kind,
        Id = "x",
        Name = "x",
        Rpm = rpm,
        Tpm = tpm,
        MaxParallel = parallel,
        Budgets = dollars is null ? [] : [new Budget { Id = "b", Name = "b", Amount = NanoUsd.FromDollars(dollars.Value), Period = BudgetPeriod.Month, Meter = new BudgetMeter() }],
        State = new ScopeState(),
    };

    private static LimitLease Lease(LimitScope[] scopes, long tokens = 0, decimal dollars = 0) => new()
    {
        Id = Guid.NewGuid(),
        Scopes = scopes,
        Tokens = tokens,
        Money = NanoUsd.FromDollars(dollars),
        StartedAt = TimeProvider.System.GetUtcNow(),
        Deadline = TimeProvider.System.GetUtcNow().AddMinutes(1),
    };
}
