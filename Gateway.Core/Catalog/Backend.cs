using Gateway.Core.Routing;

namespace Gateway.Core.Catalog;

/// <summary>One callable target.</summary>
public sealed class Backend
{
    public required string Id { get; init; }

    /// <summary>Of <see cref="Id"/>, the same on every node.</summary>
    public ulong IdHash { get; init; }
    public required Provider Provider { get; init; }

    /// <summary>What is sent as <c>model</c>.</summary>
    public required string UpstreamModel { get; init; }

    /// <summary><see cref="UpstreamModel"/> as a JSON string in UTF-8, quotes included: spliced into bodies.</summary>
    public required byte[] UpstreamModelJson { get; init; }
    public int Weight { get; init; } = 1;
    public int Priority { get; init; }
    public bool Active { get; init; } = true;

    /// <summary>It takes no new calls; those that run may end.</summary>
    public bool Draining { get; init; }

    /// <summary>Most calls at a time; 0 is any number.</summary>
    public int MaxConcurrency { get; init; }
    public required BackendState State { get; init; }

    /// <summary>It or its provider takes no new calls.</summary>
    public bool IsDraining => Draining || Provider.Draining;
}
