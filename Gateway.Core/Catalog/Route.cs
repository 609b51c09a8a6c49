using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Catalog;

/// <summary>A route chain, its references resolved.</summary>
public sealed class Route
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required RouteStep[] Steps { get; init; }
    public required RetryOn RetryOn { get; init; }

    /// <summary>Null leaves it to the models.</summary>
    public IRoutingPolicy? Policy { get; init; }

    /// <summary>How long a backend has for its first content before another one is asked beside it; null leaves it alone.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>A stream that breaks is gone on with elsewhere, where an upstream can be asked to.</summary>
    public bool RecoverStreams { get; init; }
}
