namespace Gateway.Core.Routing;

/// <summary>
/// An exponentially weighted mean of how long a backend lets one wait, which fades while nothing is heard of it, so that a
/// backend that was slow once is tried again. Safe for concurrent use; a lost update does no harm.
/// </summary>
public sealed class LatencyEstimate
{
    private const double NewShare = 0.3;

    // After this long without news the estimate counts half.
    private const double FadeMs = 30_000;

    private double _meanMs;
    private long _heardMs;

    /// <summary>Milliseconds, not faded; 0 while nothing is known.</summary>
    public double MeanMs => Volatile.Read(ref _meanMs);

    /// <summary>Milliseconds as they count at <paramref name="nowMs"/>.</summary>
    public double At(long nowMs) => MeanMs is var mean && mean > 0 ? mean * Math.Pow(0.5, Math.Max(0, nowMs - Volatile.Read(ref _heardMs)) / FadeMs) : 0;

    public void Observe(double milliseconds, long nowMs)
    {
        double mean = MeanMs;
        Volatile.Write(ref _meanMs, mean == 0 ? milliseconds : mean + (NewShare * (milliseconds - mean)));
        Volatile.Write(ref _heardMs, nowMs);
    }
}
