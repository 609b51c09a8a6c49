namespace Gateway.Core.Telemetry.Metrics;

/// <summary>What may be done with a metric's values.</summary>
public enum MetricType
{
    /// <summary>Only grows, from the process's start on. Its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Counts observations by size.</summary>
    Histogram,
}
