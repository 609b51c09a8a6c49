using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>Usage as the admin API shows it.</summary>
public record UsageFigures
{
    public UsageFigures(UsageSums sums)
    {
        Requests = sums.Requests;
        RefusedRequests = sums.Refused;
        FailedRequests = sums.Errors;
        StreamedRequests = sums.Streamed;
        InputTokens = sums.InputTokens;
        CachedInputTokens = sums.CachedInputTokens;
        OutputTokens = sums.OutputTokens;
        ReasoningTokens = sums.ReasoningTokens;
        TotalTokens = sums.TotalTokens;
        CostUsd = sums.UnknownCost > 0 && sums.UnknownCost == sums.Requests ? null : sums.Cost;
        UnknownCostRequests = sums.UnknownCost;
        DurationMs = LatencyFigures.Of(sums.Duration, sums.DurationSumUs);
        TimeToFirstTokenMs = LatencyFigures.Of(sums.TimeToFirstToken, sums.TimeToFirstTokenSumUs);
    }

    /// <summary>Admitted calls, failed ones among them.</summary>
    public long Requests { get; }

    /// <summary>Refused before an upstream was called; not among <see cref="Requests"/>.</summary>
    public long RefusedRequests { get; }
    public long FailedRequests { get; }
    public long StreamedRequests { get; }
    public long InputTokens { get; }
    public long CachedInputTokens { get; }
    public long OutputTokens { get; }
    public long ReasoningTokens { get; }
    public long TotalTokens { get; }

    /// <summary>Sum of the known costs; null when there were calls and no cost is known.</summary>
    public NanoUsd? CostUsd { get; }

    /// <summary>Calls whose cost is unknown and not in <see cref="CostUsd"/>.</summary>
    public long UnknownCostRequests { get; }

    /// <summary>Null without a call.</summary>
    public LatencyFigures? DurationMs { get; }

    /// <summary>Null without any content.</summary>
    public LatencyFigures? TimeToFirstTokenMs { get; }
}

/// <summary>A report: the total, and what was asked for beside it.</summary>
public sealed record UsageView(UsageReport Report, DateTimeOffset From, DateTimeOffset To) : UsageFigures(Report.Total)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public UsageReport Report { get; } = Report;
    public IReadOnlyList<UsageGroupView> Groups { get; } = [.. Report.Groups.Select(g => new UsageGroupView(g.Name, g.Sums))];
    public IReadOnlyList<UsagePointView> Series { get; } = [.. Report.Series.Select(p => new UsagePointView(p.Start, p.Sums))];
}

/// <param name="Name">The key's or backend's id, or the name of the model or provider; empty for calls that had none.</param>
public sealed record UsageGroupView(string Name, UsageSums Sums) : UsageFigures(Sums)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public UsageSums Sums { get; } = Sums;
}

/// <param name="Start">First instant of the interval.</param>
public sealed record UsagePointView(DateTimeOffset Start, UsageSums Sums) : UsageFigures(Sums)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public UsageSums Sums { get; } = Sums;
}

/// <summary>Milliseconds; the percentiles are right to 5 %.</summary>
public sealed record LatencyFigures(double Mean, double P50, double P95, double P99)
{
    public static LatencyFigures? Of(LatencyHistogram histogram, long sumUs) => histogram.Count == 0
        ? null
        : new LatencyFigures(
            Milliseconds((double)sumUs / histogram.Count),
            Milliseconds(histogram.Percentile(0.50)!.Value),
            Milliseconds(histogram.Percentile(0.95)!.Value),
            Milliseconds(histogram.Percentile(0.99)!.Value));

    private static double Milliseconds(double microseconds) => Math.Round(microseconds / 1000, 3);
}
