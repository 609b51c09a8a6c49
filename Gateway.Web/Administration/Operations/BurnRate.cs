namespace Gateway.Web.Administration.Operations;

/// <summary>Good and bad calls of a span of time.</summary>
internal readonly record struct SloCount(long All, long Bad)
{
    public double? BadShare => All == 0 ? null : (double)Bad / All;
}

/// <summary>
/// Error budgets after the Google SRE workbook: somebody is called when two per cent of the budget are gone within an hour or
/// five within six, and has a ticket when it is ten within a day or three; each only while it goes on, which a window of a
/// twelfth of the length shows.
/// </summary>
internal static class BurnRate
{
    /// <summary>Fewer calls within a window say nothing: one failure of three is no trend.</summary>
    public const int LeastCalls = 10;

    /// <summary>In the order of how urgent they are.</summary>
    public static readonly IReadOnlyList<BurnWindow> Windows =
    [
        new("1h", TimeSpan.FromHours(1), 0.02, SloStatus.Page),
        new("6h", TimeSpan.FromHours(6), 0.05, SloStatus.Page),
        new("24h", TimeSpan.FromHours(24), 0.10, SloStatus.Ticket),
        new("3d", TimeSpan.FromDays(3), 0.10, SloStatus.Ticket),
    ];

    /// <summary>1 when bad calls are just as many as the target allows.</summary>
    /// <param name="allowed">The share of bad calls that is allowed, more than 0.</param>
    public static double? Of(SloCount count, double allowed) => count.BadShare / allowed;

    /// <summary>The rate at which so much of the budget is gone within the window; never below 1, at which it lasts.</summary>
    public static double Limit(BurnWindow window, int days) => Math.Max(1, window.Share * days / window.Length.TotalDays);

    /// <summary>How a target stands.</summary>
    /// <param name="counts">By length of the window; all of <see cref="Windows"/>, their short ones, and <paramref name="days"/>.</param>
    public static (SloStatus Status, IReadOnlyList<SloBurn> Burn) Judge(IReadOnlyDictionary<TimeSpan, SloCount> counts, double allowed, int days)
    {
        var burn = new List<SloBurn>();
        SloCount whole = counts[TimeSpan.FromDays(days)];
        SloStatus status = whole.All == 0 ? SloStatus.NoTraffic : whole.All < LeastCalls ? SloStatus.FewCalls
            : whole.BadShare > allowed ? SloStatus.Spent : SloStatus.Ok;
        foreach (BurnWindow window in Windows)
        {
            (SloCount over, SloCount lately) = (counts[window.Length], counts[window.Recent]);
            (double? rate, double? now, double limit) = (Of(over, allowed), Of(lately, allowed), Limit(window, days));
            bool exceeded = over.All >= LeastCalls && rate >= limit && now >= limit;
            burn.Add(new SloBurn(window.Name, rate, now, limit, exceeded));
            if (exceeded && window.Severity > status)
            {
                status = window.Severity;
            }
        }
        return (status, burn);
    }
}

/// <param name="Share">Of the budget that is gone within it at the limit.</param>
internal sealed record BurnWindow(string Name, TimeSpan Length, double Share, SloStatus Severity)
{
    /// <summary>Five minutes of an hour.</summary>
    public TimeSpan Recent => Length / 12;
}

/// <summary>How a target stands; the worse the greater.</summary>
internal enum SloStatus
{
    Ok,
    NoTraffic,

    /// <summary>Too few calls to say anything.</summary>
    FewCalls,
    Ticket,

    /// <summary>More calls of the window were bad than it allows.</summary>
    Spent,
    Page,
}

internal static class SloStatuses
{
    private static readonly string[] Names = ["ok", "no_traffic", "few_calls", "ticket", "spent", "page"];

    public static string ToName(this SloStatus status) => Names[(int)status];
}
