namespace Gateway.Core.Health;

/// <summary>How often active checks are made, and what they must show.</summary>
public sealed record CheckSettings
{
    /// <summary>Pause between two checks of one provider. Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one check. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Successes in a row until it is up again. Default 3.</summary>
    public int HealthyThreshold { get; init; } = 3;

    /// <summary>Failures in a row until it is down. Default 1.</summary>
    public int UnhealthyThreshold { get; init; } = 1;

    /// <summary>What is asked of servers that backends name by their address alone, with its slash; null asks nothing.</summary>
    public string? AddressPath { get; init; } = "/health";
}
