using Gateway.Core.Budgets;

namespace Gateway.Web.Administration.Budgets;

/// <summary>What will have been spent of a window, in dollars.</summary>
/// <param name="Low">At least this, nine times out of ten; null when nothing can be said of how sure it is.</param>
/// <param name="High">At most this, nine times out of ten.</param>
internal readonly record struct OutlookPoint(DateTimeOffset At, double Spent, double? Low, double? High);

/// <summary>How a budget's window goes on from now, hour by hour.</summary>
internal sealed class BudgetOutlook
{
    /// <summary>How far budgets without an end are looked at.</summary>
    public static readonly TimeSpan Farthest = TimeSpan.FromDays(366);

    /// <param name="pace">How its scope spends.</param>
    public BudgetOutlook(Budget budget, in BudgetState state, SpendPace pace, DateTimeOffset now)
    {
        DateTimeOffset end = EndOf(state.Window, now);
        double spent = Dollars(state.Spent.Value);
        var course = new List<OutlookPoint> { new(now, spent, pace.HasMargin ? spent : null, pace.HasMargin ? spent : null) };
        double rule = 0;
        for (DateTimeOffset at = now; at < end;)
        {
            DateTimeOffset next = SpendPace.NextHour(at) < end ? SpendPace.NextHour(at) : end;
            rule += pace.InHour(at, next);
            double days = (next - now).TotalDays;
            OutlookPoint before = course[^1];
            var point = new OutlookPoint(
                next,
                spent + rule,
                pace.HasMargin ? Math.Max(before.Low!.Value, spent + rule - pace.Less(days)) : null,
                pace.HasMargin ? Math.Max(before.High!.Value, spent + rule + pace.More(days)) : null);
            double amount = Dollars(budget.AmountAt(next).Value);
            SpentBy ??= Crossing(before.At, before.Spent, next, point.Spent, amount);
            Earliest ??= Crossing(before.At, before.High, next, point.High, amount);
            Latest ??= Crossing(before.At, before.Low, next, point.Low, amount);
            course.Add(point);
            at = next;
        }
        Course = course;
    }

    /// <summary>From now to the window's end, or as far as is looked.</summary>
    public IReadOnlyList<OutlookPoint> Course { get; }

    /// <summary>When the amount is spent; null if it will last.</summary>
    public DateTimeOffset? SpentBy { get; }

    /// <summary>Not before this, nine times out of ten; null if it will last even so, or nothing can be said.</summary>
    public DateTimeOffset? Earliest { get; }

    /// <summary>Not after this, nine times out of ten.</summary>
    public DateTimeOffset? Latest { get; }

    public static DateTimeOffset EndOf(BudgetWindow window, DateTimeOffset now) =>
        window.End < now + Farthest ? window.End : now + Farthest;

    private static double Dollars(long nano) => (double)nano / Core.Catalog.NanoUsd.PerDollar;

    private static DateTimeOffset? Crossing(DateTimeOffset from, double? before, DateTimeOffset to, double? after, double amount)
    {
        if (before is not { } low || after is not { } high || high < amount)
        {
            return null;
        }
        // More than the amount before it: an override has just ended.
        return low >= amount ? to : from + ((to - from) * ((amount - low) / (high - low)));
    }
}
