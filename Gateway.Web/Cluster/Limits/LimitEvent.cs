using Gateway.Core.Budgets;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>What settle.lua knows that can become of a call; the numbers are its.</summary>
internal enum LimitEventKind
{
    Ended = 1,
    TakenBack = 2,

    /// <summary>It holds more, or the same for longer.</summary>
    Grown = 3,
}

/// <summary>What became of one call, on its way to Redis.</summary>
/// <param name="Scopes">As <see cref="LimitKeys.LimitingScopes"/>.</param>
/// <param name="Tokens">Used, or held in all.</param>
/// <param name="Money">Cost, or held in all; nano-USD.</param>
/// <param name="Unsure">Whether Redis has reserved it is not known: it may do so yet.</param>
internal sealed record LimitEvent(LimitEventKind Kind, LimitLease Lease, LimitScope[] Scopes, long Tokens, long Money, bool Unsure)
{
    public int Keys => 1 + Scopes.Length + Scopes.Sum(s => s.Budgets.Length);

    public void WriteKeys(RespCommand command)
    {
        command.Add(LimitKeys.OfTombstone(Lease.Id));
        foreach (LimitScope scope in Scopes)
        {
            command.Add(LimitKeys.OfScope(scope));
            foreach (Budget budget in scope.Budgets)
            {
                command.Add(LimitKeys.OfBudget(budget));
            }
        }
    }

    public void WriteArguments(RespCommand command, KnownSpending known, DateTimeOffset now)
    {
        command.Add((int)Kind).Add(Lease.Id.ToString("N")).Add(ReserveCall.KeptMs(Lease, now)).Add(ReserveCall.Whole(Tokens)).Add(ReserveCall.Whole(Money)).Add(Unsure ? 1 : 0).Add(Scopes.Length);
        foreach (LimitScope scope in Scopes)
        {
            command.Add(LimitKeys.IsWindowed(scope, Lease) ? 1 : 0).Add(Lease.TpmOf(scope) > 0 ? 1 : 0).Add(scope.Budgets.Length);
            foreach (Budget budget in scope.Budgets)
            {
                ReserveCall.WriteWindow(command, known, budget, budget.WindowAt(Lease.StartedAt), now);
            }
        }
    }

    public void Sending(KnownSpending known)
    {
        if (Kind == LimitEventKind.Ended)
        {
            ForEachBudget((key, window) => known.Sending(key, window, Money));
        }
    }

    public void Sent(KnownSpending known, bool arrived)
    {
        if (Kind == LimitEventKind.Ended)
        {
            ForEachBudget((key, window) => known.Sent(key, window, Money, arrived));
        }
    }

    private void ForEachBudget(Action<string, BudgetWindow> action)
    {
        foreach (LimitScope scope in Scopes)
        {
            foreach (Budget budget in scope.Budgets)
            {
                action(LimitKeys.OfBudget(budget), budget.WindowAt(Lease.StartedAt));
            }
        }
    }
}
