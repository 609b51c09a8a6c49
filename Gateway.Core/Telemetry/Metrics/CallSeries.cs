namespace Gateway.Core.Telemetry.Metrics;

/// <summary>What the admitted calls of one model at one provider add up to.</summary>
internal sealed class CallSeries
{
    // Of the time histograms the first three have the bounds that OpenTelemetry's GenAI conventions name, so that boards can be shared.
    private static readonly double[] DurationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly double[] FirstTokenBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] TokenGapBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
    private static readonly double[] RateBounds = [1, 2, 5, 10, 20, 40, 60, 80, 100, 150, 200, 400, 800];
    private static readonly double[] OverheadBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

    /// <summary>Seconds.</summary>
    public MetricHistogram Duration { get; } = new(DurationBounds);

    /// <summary>Seconds, of streamed answers.</summary>
    public MetricHistogram FirstToken { get; } = new(FirstTokenBounds);

    /// <summary>Seconds, of streamed answers of two tokens or more.</summary>
    public MetricHistogram TokenGap { get; } = new(TokenGapBounds);

    /// <summary>Output tokens a second.</summary>
    public MetricHistogram Rate { get; } = new(RateBounds);

    /// <summary>Seconds.</summary>
    public MetricHistogram Overhead { get; } = new(OverheadBounds);

    public long InputTokens { get; set; }
    public long CachedTokens { get; set; }
    public long OutputTokens { get; set; }
    public long ReasoningTokens { get; set; }

    /// <summary>Billionths of a dollar; calls whose cost is unknown are in <see cref="UnknownCost"/> instead.</summary>
    public long CostNanoUsd { get; set; }
    public long UnknownCost { get; set; }
    public long Failovers { get; set; }
}

/// <summary>A plain count.</summary>
internal sealed class CountSeries
{
    public long Value { get; set; }
}

/// <summary>The labels of what calls add up to.</summary>
internal readonly record struct CallLabels(string Model, string Provider);

/// <summary>The labels of requests, refused ones among them.</summary>
/// <param name="Status">Class of the status sent to the client, such as <c>2xx</c>.</param>
/// <param name="Error">Kind of the failure; empty where there was none.</param>
internal readonly record struct RequestLabels(string Model, string Provider, string Operation, string Status, string Error);

/// <summary>The labels of attempts.</summary>
/// <param name="Outcome"><c>success</c>, or the kind of the failure.</param>
internal readonly record struct AttemptLabels(string Provider, string Backend, string Outcome);

/// <summary>The labels of refusals by a limit.</summary>
internal readonly record struct LimitLabels(string Limit, string Scope);
