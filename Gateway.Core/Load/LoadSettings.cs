namespace Gateway.Core.Load;

/// <summary>How many requests there may be at a time, and how further ones wait.</summary>
public sealed record LoadSettings
{
    /// <summary>In the process; 0 is any number, the default.</summary>
    public int MostRequests { get; init; }

    /// <summary>Requests that may wait at each gate. Default 1000.</summary>
    public int QueueLength { get; init; } = 1000;

    /// <summary>Longest wait. Default 10 s.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
