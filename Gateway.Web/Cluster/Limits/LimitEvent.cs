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
        if (Kind != LimitEventKind.Ended)
        {
            return;
        }
        foreach (LimitScope scope in Scopes)
        {
            foreach (Budget budget in scope.Budgets)
            {
                known.Sending(LimitKeys.OfBudget(budget), budget.WindowAt(Lease.StartedAt), Money);
            }
        }
    }

    /// <summary>It never will arrive.</summary>
    public void Dropped(KnownSpending known) => Arrived(known, [], arrived: false);

    /// <summary>Redis has counted it.</summary>
    /// <param name="figures">What that made, as settle.lua answers; none when it had been counted before.</param>
    /// <returns>The figures of the events after it.</returns>
    public ReadOnlySpan<RedisReply> Arrived(KnownSpending known, ReadOnlySpan<RedisReply> figures) => Arrived(known, figures, arrived: true);

    private ReadOnlySpan<RedisReply> Arrived(KnownSpending known, ReadOnlySpan<RedisReply> figures, bool arrived)
    {
        if (Kind != LimitEventKind.Ended)
        {
            return figures;
        }
        foreach (LimitScope scope in Scopes)
        {
            foreach (Budget budget in scope.Budgets)
            {
                (string key, BudgetWindow window) = (LimitKeys.OfBudget(budget), budget.WindowAt(Lease.StartedAt));
                bool told = figures.Length >= 3;
                known.Sent(key, window, Money, arrived && !told);
                if (told)
                {
                    if (figures[0].Integer >= 0)
                    {
                        known.Heard(key, window, new KnownFigure(figures[0].Integer, figures[1].Integer, figures[2].Integer));
                    }
                    figures = figures[3..];
                }
            }
        }
        return figures;
    }
}
