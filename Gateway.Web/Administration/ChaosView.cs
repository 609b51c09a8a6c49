namespace Gateway.Web.Administration;

/// <summary>A fault that is on, as pages and the admin API show it.</summary>
public sealed record ChaosView
{
    public required string Id { get; init; }

    /// <summary>A name of <c>FaultKinds</c>.</summary>
    public required string Fault { get; init; }
    public string? Provider { get; init; }
    public string? Backend { get; init; }

    /// <summary>Ids of keys; empty is all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
    public double Rate { get; init; }
    public long DelayMs { get; init; }
    public DateTimeOffset Since { get; init; }
    public DateTimeOffset Until { get; init; }
    public required string By { get; init; }
}

/// <summary>A fault to switch on. Needs <see cref="Fault"/> and one of <see cref="Provider"/> and <see cref="Backend"/>.</summary>
internal sealed record ChaosChange
{
    /// <summary><c>latency, rate_limit, server_error, refused, reset, slow_first_token, cut</c> or <c>garbage</c>.</summary>
    public string? Fault { get; init; }

    /// <summary>A provider's name.</summary>
    public string? Provider { get; init; }

    /// <summary>A backend's id.</summary>
    public string? Backend { get; init; }

    /// <summary>Ids of the keys whose calls are hit; left out, all.</summary>
    public IReadOnlyList<string>? Keys { get; init; }

    /// <summary>The share of calls that are hit, more than 0 to 1; 1 by default.</summary>
    public double? Rate { get; init; }

    /// <summary>For <c>latency</c> and <c>slow_first_token</c>: 1 to 600000; 2000 by default.</summary>
    public long? DelayMs { get; init; }

    /// <summary>After which it ends by itself: 1 to 3600; 300 by default.</summary>
    public int? Seconds { get; init; }
}
