namespace Gateway.Web.Alerts;

internal enum AlertPhase
{
    Quiet,

    /// <summary>Beyond the threshold, but not yet for long enough.</summary>
    Pending,
    Firing,
}

/// <summary>What there is to tell of an alert.</summary>
internal enum AlertNews
{
    Nothing,
    Fired,

    /// <summary>It still fires.</summary>
    Repeated,
    Resolved,
}

/// <summary>Where a rule stands; kept as a document of the rule's id, so that whichever node judges next goes on from here.</summary>
/// <param name="Since">When the phase began.</param>
/// <param name="ToldAt">When it was last told of.</param>
/// <param name="ClearSince">Since when a firing one has been clear of the threshold.</param>
internal sealed record AlertState(AlertPhase Phase, DateTimeOffset Since, DateTimeOffset? ToldAt = null, DateTimeOffset? ClearSince = null, double? Value = null, string Text = "")
{
    public const string Kind = "alert-state";

    /// <summary>Of the threshold: a value that wavers about it neither fires nor resolves again and again.</summary>
    private const double Hysteresis = 0.9;

    private static readonly TimeSpan LongestClear = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Where it stands after a look. It fires once it was beyond the threshold for the rule's time, and is over once it was
    /// clear of it, by a tenth, for as long (five minutes at most). A value that is not known is clear.
    /// </summary>
    public (AlertState Next, AlertNews News) After(AlertRule rule, AlertMetric metric, double? value, string text, DateTimeOffset now)
    {
        AlertState seen = this with { Value = value, Text = text };
        var wait = TimeSpan.FromSeconds(rule.ForSeconds);
        bool beyond = value is { } v && (metric.Below ? v < rule.Threshold : v >= rule.Threshold);
        if (!rule.Active)
        {
            return Phase == AlertPhase.Firing ? (seen.Enter(AlertPhase.Quiet, now), AlertNews.Resolved) : (seen.Enter(AlertPhase.Quiet, now), AlertNews.Nothing);
        }
        switch (Phase)
        {
            case AlertPhase.Firing:
                bool clear = !beyond && (metric.Below || value is null || value < rule.Threshold * Hysteresis);
                if (!clear)
                {
                    bool again = rule.RepeatMinutes > 0 && now - (ToldAt ?? Since) >= TimeSpan.FromMinutes(rule.RepeatMinutes);
                    return again ? (seen with { ClearSince = null, ToldAt = now }, AlertNews.Repeated) : (seen with { ClearSince = null }, AlertNews.Nothing);
                }
                DateTimeOffset since = ClearSince ?? now;
                return now - since >= (wait < LongestClear ? wait : LongestClear)
                    ? (seen.Enter(AlertPhase.Quiet, now), AlertNews.Resolved)
                    : (seen with { ClearSince = since }, AlertNews.Nothing);
            case AlertPhase.Pending when beyond:
                return now - Since >= wait ? (seen.Enter(AlertPhase.Firing, now) with { ToldAt = now }, AlertNews.Fired) : (seen, AlertNews.Nothing);
            case AlertPhase.Quiet when beyond:
                return wait == TimeSpan.Zero
                    ? (seen.Enter(AlertPhase.Firing, now) with { ToldAt = now }, AlertNews.Fired)
                    : (seen.Enter(AlertPhase.Pending, now), AlertNews.Nothing);
            case AlertPhase.Pending:
                return (seen.Enter(AlertPhase.Quiet, now), AlertNews.Nothing);
            default:
                return (seen, AlertNews.Nothing);
        }
    }

    private AlertState Enter(AlertPhase phase, DateTimeOffset now) => Phase == phase ? this : new AlertState(phase, now, null, null, Value, Text);
}
