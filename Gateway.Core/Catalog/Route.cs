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
}
