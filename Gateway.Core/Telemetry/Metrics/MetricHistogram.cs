namespace Gateway.Core.Telemetry.Metrics;

/// <summary>Counts observations in fixed buckets. Not safe for concurrent use.</summary>
/// <param name="bounds">The most that each bucket takes, growing; what is beyond the last is counted too.</param>
public sealed class MetricHistogram(double[] bounds)
{
    private readonly long[] _counts = new long[bounds.Length + 1];

    /// <summary>The most that each bucket takes.</summary>
    public ReadOnlySpan<double> Bounds => bounds;

    /// <summary>Observations in all.</summary>
    public long Count { get; private set; }

    /// <summary>Of all observations.</summary>
    public double Sum { get; private set; }

    /// <summary>Observations in one bucket alone.</summary>
    public long CountOf(int bucket) => _counts[bucket];

    /// <summary>Counts one; what is not a finite number is left out.</summary>
    public void Observe(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }
        int bucket = Array.BinarySearch(bounds, value);
        _counts[bucket < 0 ? ~bucket : bucket]++;
        Count++;
        Sum += value;
    }
}
