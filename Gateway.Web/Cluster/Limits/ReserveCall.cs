using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>A lease as the arguments of reserve.lua, and its answer as a decision.</summary>
internal sealed class ReserveCall(LimitLease lease, LimitScope[] scopes, ClusterNode node, KnownSpending known, DateTimeOffset now)
{
    private static readonly TimeSpan LongestKept = TimeSpan.FromDays(400);

    private readonly LimitScope[] _scopes = scopes;

    public bool IsLimited => _scopes.Length > 0;

    public void Write(RespCommand command)
    {
        command.Add(2 + _scopes.Length + _scopes.Sum(s => s.Budgets.Length)).Add(node.PresenceKey).Add(LimitKeys.OfTombstone(lease.Id));
        foreach (LimitScope scope in _scopes)
        {
            command.Add(LimitKeys.OfScope(scope));
            foreach (Budget budget in scope.Budgets)
            {
                command.Add(LimitKeys.OfBudget(budget));
            }
        }
        command.Add(lease.Id.ToString("N")).Add(KeptMs(lease, now)).Add(Whole(lease.Tokens)).Add(Whole(lease.Money.Value)).Add(_scopes.Length);
        foreach (LimitScope scope in _scopes)
        {
            command.Add(lease.RpmOf(scope)).Add(lease.TpmOf(scope)).Add(scope.MaxParallel).Add(scope.Budgets.Length);
            foreach (Budget budget in scope.Budgets)
            {
                BudgetWindow window = budget.WindowAt(now);
                command.Add(!budget.Hard ? -1 : window.Contains(now) ? Whole(budget.AmountAt(now).Value) : 0);
                WriteWindow(command, known, budget, window, now);
            }
        }
    }

    /// <summary>How long a lease that nobody makes longer is kept, in milliseconds.</summary>
    public static long KeptMs(LimitLease lease, DateTimeOffset now) => (long)Math.Max(1000, (lease.Deadline - now).TotalMilliseconds) + 5000;

    /// <summary>Where a budget's window starts, how long Redis is to keep it, and what it has cost if Redis does not know.</summary>
    public static void WriteWindow(RespCommand command, KnownSpending known, Budget budget, BudgetWindow window, DateTimeOffset now)
    {
        TimeSpan left = window.End - now + TimeSpan.FromDays(1);
        left = left > LongestKept ? LongestKept : left < TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : left;
        KnownFigure figure = known.Of(LimitKeys.OfBudget(budget), budget, window, now);
        command.Add(window.Start.ToUnixTimeMilliseconds()).Add((long)left.TotalMilliseconds).Add(Whole(figure.Spent)).Add(figure.Life).Add(figure.Changes);
    }

    /// <summary>False when that is no answer of the script.</summary>
    public bool TryRead(in RedisReply reply, out LimitDecision decision)
    {
        decision = default;
        RedisReply[] items = reply.Items;
        return items.Length > 0 && (items[0].Integer == 0 ? TryReadAdmission(items, out decision) : TryReadRefusal(items, out decision));
    }

    private bool TryReadAdmission(RedisReply[] items, out LimitDecision decision)
    {
        decision = default;
        if (items.Length != 1 + (4 * _scopes.Length) + (3 * _scopes.Sum(s => s.Budgets.Length)))
        {
            return false;
        }
        int at = 1;
        for (int i = 0; i < _scopes.Length; i++)
        {
            LimitDecision one = Figures(LimitKind.None, _scopes[i], items.AsSpan(at, 4));
            decision = i == 0 ? one : decision.Tighter(one);
            at += 4;
            foreach (Budget budget in _scopes[i].Budgets)
            {
                Heard(budget, new KnownFigure(items[at].Integer, items[at + 1].Integer, items[at + 2].Integer));
                at += 3;
            }
        }
        return true;
    }

    private bool TryReadRefusal(RedisReply[] items, out LimitDecision decision)
    {
        decision = default;
        if (items.Length != 12 || items[0].Integer is < 1 or > 4 || items[1].Integer < 0 || items[1].Integer >= _scopes.Length)
        {
            return false;
        }
        LimitScope scope = _scopes[items[1].Integer];
        var kind = (LimitKind)items[0].Integer;
        decision = Figures(kind, scope, items.AsSpan(3, 4)) with { Scope = scope };
        if (kind == LimitKind.Parallel)
        {
            // When one of the running calls ends is not known; they are rarely shorter.
            decision = decision with { RetryAfter = TimeSpan.FromSeconds(1) };
        }
        if (kind == LimitKind.Budget)
        {
            if (items[2].Integer < 0 || items[2].Integer >= scope.Budgets.Length)
            {
                return false;
            }
            Budget budget = scope.Budgets[items[2].Integer];
            Heard(budget, new KnownFigure(items[7].Integer, items[10].Integer, items[11].Integer));
            var state = new BudgetState(
                budget.WindowAt(now), budget.AmountAt(now), new NanoUsd(items[7].Integer), new NanoUsd(items[8].Integer), (int)items[9].Integer);
            decision = decision with { Budget = new BudgetRefusal(budget, state), RetryAfter = LocalLimits.Wait(state, now) };
        }
        return true;
    }

    private LimitDecision Figures(LimitKind exceeded, LimitScope scope, ReadOnlySpan<RedisReply> figures)
    {
        (int rpm, int tpm) = (lease.RpmOf(scope), lease.TpmOf(scope));
        return new LimitDecision(
            exceeded,
            rpm,
            tpm,
            rpm == 0 ? 0 : Math.Max(0, rpm - figures[0].Integer),
            tpm == 0 ? 0 : Math.Max(0, tpm - figures[1].Integer),
            (int)figures[2].Integer,
            (int)figures[3].Integer);
    }

    private void Heard(Budget budget, KnownFigure figure)
    {
        BudgetWindow window = budget.WindowAt(now);
        known.Heard(LimitKeys.OfBudget(budget), window, figure);
        budget.Meter.AtLeast(budget, window, new NanoUsd(figure.Spent), now);
    }

    // Lua's numbers are doubles, which are whole up to here.
    public static long Whole(long value) => Math.Clamp(value, -1L << 53, 1L << 53);
}
