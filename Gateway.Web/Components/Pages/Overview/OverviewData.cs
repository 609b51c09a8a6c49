using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Pages.Overview;

/// <summary>Everything the overview shows of one span of time.</summary>
/// <param name="Before">The same of the span just before, to compare with.</param>
/// <param name="EverUsed">False until the first request of all.</param>
public sealed record OverviewData(
    TimeRange Range, Figures Now, Figures Before, IReadOnlyList<Bucket> Buckets, IReadOnlyList<ModelFigures> Models, bool EverUsed);

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
    public long InputTokens { get; init; }
    public long OutputTokens { get; init; }

    /// <summary>Of the calls whose cost is known.</summary>
    public NanoUsd Cost { get; init; }

    /// <summary>Calls with usage whose cost is unknown.</summary>
    public long CostUnknown { get; init; }

    public long Succeeded => Requests - Refused - Errors;
    public double? SuccessRate => Requests == 0 ? null : (double)Succeeded / Requests;
    public double? ErrorRate => Requests == 0 ? null : (double)Errors / Requests;

    /// <summary>Null when nothing was used, or when no cost at all is known.</summary>
    public NanoUsd? KnownCost => Requests == 0 || (Cost.Value == 0 && CostUnknown > 0) ? null : Cost;
}

/// <summary>One step of the charts.</summary>
/// <param name="CostByModel">In dollars; models without a known cost are left out.</param>
public sealed record Bucket(DateTimeOffset At, Figures Figures, IReadOnlyDictionary<string, double> CostByModel);

/// <summary>How one model did in the span.</summary>
public sealed record ModelFigures(string Model, Figures Figures);
