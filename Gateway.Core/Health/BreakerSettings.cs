namespace Gateway.Core.Health;

/// <summary>When a backend is taken for dead, and how it is let back in.</summary>
public sealed record BreakerSettings
{
    public static BreakerSettings Default { get; } = new();

    /// <summary>Failures in a row that open the circuit; 0 leaves that out. Default 5.</summary>
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>Share of failed calls within <see cref="Window"/> that opens the circuit, more than 0 to 1; 0 leaves that out. Default 0.5.</summary>
    public double FailureRate { get; init; } = 0.5;

    /// <summary>Calls within <see cref="Window"/> before the rate means anything. Default 20.</summary>
    public int MinimumCalls { get; init; } = 20;

    /// <summary>How far back the rate looks. Default 30 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an open circuit refuses calls before it lets a probe through; doubles each time that fails. Default 5 s.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>But is never open longer than this. Default 30 s.</summary>
    public TimeSpan LongestOpen { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Over how long a backend that is back is given its full share again; zero at once. Default 20 s.</summary>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(20);
}
