namespace Gateway.Core.Health;

/// <summary>Where a circuit stands.</summary>
public enum BreakerState
{
    /// <summary>Calls go through.</summary>
    Closed,

    /// <summary>One call at a time goes through, to find out.</summary>
    HalfOpen,

    /// <summary>No call goes through.</summary>
    Open,
}

/// <summary>Names of <see cref="BreakerState"/>, as the admin API and the console give them.</summary>
public static class BreakerStates
{
    private static readonly string[] Names = ["closed", "half_open", "open"];

    public static string ToName(this BreakerState state) => Names[(int)state];
}
