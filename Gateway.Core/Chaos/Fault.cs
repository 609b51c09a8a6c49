namespace Gateway.Core.Chaos;

/// <summary>A fault that an operator has switched on, for a time.</summary>
public sealed record Fault
{
    public required string Id { get; init; }
    public required FaultKind Kind { get; init; }

    /// <summary>A provider's name; null where <see cref="Backend"/> says where.</summary>
    public string? Provider { get; init; }

    /// <summary>A backend's id.</summary>
    public string? Backend { get; init; }

    /// <summary>Ids of the keys whose calls are hit; empty is all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The share of calls that are hit, more than 0 to 1.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>For <see cref="FaultKind.Latency"/> and <see cref="FaultKind.SlowFirstToken"/>.</summary>
    public TimeSpan Delay { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it ends by itself.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Who switched it on.</summary>
    public required string By { get; init; }

    /// <summary>Another node, or this one before it started again, switched it on.</summary>
    public bool IsFromElsewhere { get; init; }

    /// <summary>As it stands in the record of an attempt that was hit.</summary>
    public string Mark => $"chaos: {Kind.ToName()}";
}
