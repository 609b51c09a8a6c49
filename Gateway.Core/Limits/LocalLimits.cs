using Gateway.Core.Budgets;
using Gateway.Core.Catalog;

namespace Gateway.Core.Limits;

/// <summary>
/// Counts in this process: exact under concurrency, with a lock of a few additions for each scope. A call that a later scope
/// refuses is taken out of the earlier ones again.
/// </summary>
/// <param name="seedWait">How long a call waits for a hard budget to learn what was spent before this process; null does not wait, for use without a history.</param>
public sealed class LocalLimits(TimeProvider time, TimeSpan? seedWait = null) : ILimitStore
{
    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    public ValueTask<LimitDecision> ReserveAsync(LimitLease lease, CancellationToken cancellationToken) =>
        KnowsSpending(lease) ? new(Reserve(lease)) : ReserveSeededAsync(lease, cancellationToken);

    /// <summary>False: the budget has still to learn what was spent before this process.</summary>
    public bool KnowsSpending(Budget budget) => seedWait is null || budget.Meter.Seeded.IsCompleted;

    /// <summary>False: one of the call's hard budgets has still to learn what was spent before this process.</summary>
    public bool KnowsSpending(LimitLease lease) => seedWait is null || Unseeded(lease) is null;

    /// <summary>Waits for that; false when it took too long, and the call must not be let through.</summary>
    public async ValueTask<bool> WaitForSpendingAsync(LimitLease lease, CancellationToken cancellationToken)
    {
        try
        {
            while (Unseeded(lease) is { } budget)
            {
                await budget.Meter.Seeded.WaitAsync(seedWait ?? TimeSpan.Zero, time, cancellationToken);
            }
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="ReserveAsync"/>, which is never waited for here.</summary>
    public LimitDecision Reserve(LimitLease lease)
    {
        long nowMs = NowMs;
        lease.AdmittedMs = nowMs;
        LimitDecision all = default;
        for (int i = 0; i < lease.Scopes.Length; i++)
        {
            LimitScope scope = lease.Scopes[i];
            LimitDecision one = TryTake(scope, lease, nowMs);
            if (!one.Admitted)
            {
                for (int taken = 0; taken < i; taken++)
                {
                    GiveBack(lease.Scopes[taken], lease, nowMs);
                }
                lease.Ended = true;
                return one;
            }
            all = i == 0 ? one : all.Tighter(one);
        }
        return all;
    }

    /// <summary>Counts a call that was let through elsewhere, however little is left here; <see cref="Settle"/> ends it as any other.</summary>
    public void Take(LimitLease lease)
    {
        long nowMs = NowMs;
        lease.AdmittedMs = nowMs;
        foreach (LimitScope scope in lease.Scopes)
        {
            if (IsWindowed(scope, lease))
            {
                scope.State.Window.TryAdmit(nowMs, rpm: 0, tpm: 0, Tokens(scope, lease));
            }
            if (scope.MaxParallel > 0)
            {
                scope.State.TryEnter(int.MaxValue);
            }
            foreach (Budget budget in scope.Budgets)
            {
                budget.Meter.Take(lease.Money);
            }
        }
    }

    public void Extend(LimitLease lease, long tokens, NanoUsd money)
    {
        long moreTokens = Math.Max(0, tokens - lease.Tokens);
        long moreMoney = Math.Max(0, money.Value - lease.Money.Value);
        if (lease.Ended || (moreTokens == 0 && moreMoney == 0))
        {
            return;
        }
        foreach (LimitScope scope in lease.Scopes)
        {
            if (lease.TpmOf(scope) > 0)
            {
                scope.State.Window.Extend(moreTokens);
            }
            foreach (Budget budget in scope.Budgets)
            {
                budget.Meter.Extend(new NanoUsd(moreMoney));
            }
        }
        lease.Tokens += moreTokens;
        lease.Money = new NanoUsd(lease.Money.Value + moreMoney);
    }

    public void Settle(LimitLease lease, long usedTokens, NanoUsd cost)
    {
        if (lease.Ended)
        {
            return;
        }
        lease.Ended = true;
        long nowMs = NowMs;
        DateTimeOffset now = time.GetUtcNow();
        foreach (LimitScope scope in lease.Scopes)
        {
            if (IsWindowed(scope, lease))
            {
                scope.State.Window.Settle(nowMs, Tokens(scope, lease), usedTokens);
            }
            if (scope.MaxParallel > 0)
            {
                scope.State.Leave();
            }
            foreach (Budget budget in scope.Budgets)
            {
                budget.Meter.Settle(budget, lease.Money, cost, lease.StartedAt, now);
            }
        }
    }

    public void Share(LimitScope scope, Budget budget, BudgetWindow window, NanoUsd cost)
    {
        // Nobody else counts.
    }

    public LimitDecision Peek(LimitLease lease)
    {
        long nowMs = NowMs;
        LimitDecision all = default;
        foreach (LimitScope scope in lease.Scopes)
        {
            if (IsWindowed(scope, lease))
            {
                all = all.Tighter(scope.State.Window.Peek(nowMs, lease.RpmOf(scope), lease.TpmOf(scope)));
            }
        }
        return all;
    }

    private async ValueTask<LimitDecision> ReserveSeededAsync(LimitLease lease, CancellationToken cancellationToken)
    {
        if (await WaitForSpendingAsync(lease, cancellationToken))
        {
            return Reserve(lease);
        }
        lease.Ended = true;
        return LimitDecision.Unavailable(TimeSpan.FromSeconds(5));
    }

    private static Budget? Unseeded(LimitLease lease)
    {
        foreach (LimitScope scope in lease.Scopes)
        {
            foreach (Budget budget in scope.Budgets)
            {
                if (budget.Hard && !budget.Meter.Seeded.IsCompleted)
                {
                    return budget;
                }
            }
        }
        return null;
    }

    private LimitDecision TryTake(LimitScope scope, LimitLease lease, long nowMs)
    {
        LimitDecision decision = default;
        if (IsWindowed(scope, lease))
        {
            decision = scope.State.Window.TryAdmit(nowMs, lease.RpmOf(scope), lease.TpmOf(scope), Tokens(scope, lease));
            if (!decision.Admitted)
            {
                return decision with { Scope = scope };
            }
        }
        if (scope.MaxParallel > 0 && !scope.State.TryEnter(scope.MaxParallel))
        {
            UndoWindow(scope, lease, nowMs);
            // When one of the running calls ends is not known; they are rarely shorter.
            return decision with { Exceeded = LimitKind.Parallel, Scope = scope, RetryAfter = TimeSpan.FromSeconds(1) };
        }
        return TryTakeMoney(scope, lease, nowMs, decision);
    }

    private LimitDecision TryTakeMoney(LimitScope scope, LimitLease lease, long nowMs, LimitDecision decision)
    {
        for (int i = 0; i < scope.Budgets.Length; i++)
        {
            Budget budget = scope.Budgets[i];
            DateTimeOffset now = time.GetUtcNow();
            if (!budget.Meter.TryReserve(budget, lease.Money, now))
            {
                for (int taken = 0; taken < i; taken++)
                {
                    scope.Budgets[taken].Meter.Undo(lease.Money);
                }
                if (scope.MaxParallel > 0)
                {
                    scope.State.Leave();
                }
                UndoWindow(scope, lease, nowMs);
                BudgetState state = budget.Meter.Read(budget, now);
                return decision with { Exceeded = LimitKind.Budget, Scope = scope, Budget = new BudgetRefusal(budget, state), RetryAfter = Wait(state, now) };
            }
        }
        return decision;
    }

    /// <summary>Until a budget that refused may let a call through: what running calls hold comes free sooner than the window ends.</summary>
    public static TimeSpan Wait(in BudgetState state, DateTimeOffset now) =>
        state.Reserved.Value > 0 && state.Spent.Value < state.Amount.Value ? TimeSpan.FromSeconds(1)
        : state.Window.End > now ? state.Window.End - now : TimeSpan.Zero;

    private static void GiveBack(LimitScope scope, LimitLease lease, long nowMs)
    {
        UndoWindow(scope, lease, nowMs);
        if (scope.MaxParallel > 0)
        {
            scope.State.Leave();
        }
        foreach (Budget budget in scope.Budgets)
        {
            budget.Meter.Undo(lease.Money);
        }
    }

    private static void UndoWindow(LimitScope scope, LimitLease lease, long nowMs)
    {
        if (IsWindowed(scope, lease))
        {
            scope.State.Window.Undo(nowMs, lease.AdmittedMs, Tokens(scope, lease));
        }
    }

    private static bool IsWindowed(LimitScope scope, LimitLease lease) => lease.RpmOf(scope) > 0 || lease.TpmOf(scope) > 0;

    // Where tokens are not limited none are reserved, so that Settle gives back what was taken.
    private static long Tokens(LimitScope scope, LimitLease lease) => lease.TpmOf(scope) > 0 ? lease.Tokens : 0;
}
