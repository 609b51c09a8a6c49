using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;

namespace Gateway.Web.Components.Pages.Overview;

/// <summary>Everything the overview shows of one span of time.</summary>
/// <param name="EverUsed">False until the first request of all.</param>
public sealed record OverviewData(RequestFilter Filter, Figures Now, bool EverUsed)
{
    public IReadOnlyList<GroupFigures> Models { get; init; } = [];
    public IReadOnlyList<GroupFigures> Keys { get; init; } = [];
    public IReadOnlyList<GroupFigures> Teams { get; init; } = [];
    public IReadOnlyList<GroupFigures> Providers { get; init; } = [];

    /// <summary>How all backends stood when this was read.</summary>
    public IReadOnlyList<HealthView> Backends { get; init; } = [];

    /// <summary>Alerts that fire now, whatever the span.</summary>
    public IReadOnlyList<AlertRuleView> Firing { get; init; } = [];

    /// <summary>See <see cref="UsageReport.CountedFrom"/>.</summary>
    public DateTimeOffset? CountedFrom { get; init; }

    /// <summary>What the course is made from, where it was read with the figures.</summary>
    internal UsageReport? Series { get; init; }

    /// <summary>Null while it is being read: it takes longer than all the rest.</summary>
    public Course? Course { get; init; }
}

/// <summary>How the figures came about, step by step.</summary>
/// <param name="Before">The figures of the span just before, to compare with.</param>
/// <param name="Earlier">The span before, moved onto this one, where somebody wants to compare; else empty.</param>
public sealed record Course(IReadOnlyList<Bucket> Buckets, Figures Before, IReadOnlyList<Bucket> Earlier);

/// <summary>Sums and percentiles of a span; times in microseconds, null where nothing was measured.</summary>
public sealed record Figures
{
    public long Requests { get; init; }

    /// <summary>Refused before an upstream was called: the client's doing, or a limit.</summary>
    public long Refused { get; init; }

    /// <summary>Sent upstream and failed.</summary>
    public long Errors { get; init; }
    public long? P50 { get; init; }
    public long? P95 { get; init; }
    public long? P99 { get; init; }
    public long? TimeToFirstToken { get; init; }

    /// <summary>The gateway's own part, on average.</summary>
    public long? Overhead { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }

    /// <summary>Of the calls whose cost is known.</summary>
    public NanoUsd Cost { get; init; }

    /// <summary>Calls with usage whose cost is unknown.</summary>
    public long CostUnknown { get; init; }

    public long Succeeded => Requests - Refused - Errors;
    public double? SuccessRate => Requests == 0 ? null : (double)Succeeded / Requests;
    public double? CachedShare => InputTokens == 0 ? null : (double)CachedTokens / InputTokens;

    /// <summary>Null when nothing was used, or when no cost at all is known.</summary>
    public NanoUsd? KnownCost => Requests == 0 || (Cost.Value == 0 && CostUnknown > 0) ? null : Cost;
}

/// <summary>One step of the charts.</summary>
/// <param name="CostByModel">In dollars; models without a known cost are left out.</param>
public sealed record Bucket(DateTimeOffset At, Figures Figures, IReadOnlyDictionary<string, double> CostByModel);

/// <summary>How one model, key, team or provider did in the span.</summary>
/// <param name="Value">What a query names it by.</param>
public sealed record GroupFigures(string Name, string Value, Figures Figures);
