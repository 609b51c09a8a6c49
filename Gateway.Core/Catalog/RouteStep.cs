using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Catalog;

/// <summary>
/// One step of a chain. <see cref="Backends"/> is what it may call; a step that names only a provider gets its backends
/// when the request's model is known (<see cref="Provider"/> is set and <see cref="Backends"/> is empty).
/// </summary>
public sealed class RouteStep
{
    public Provider? Provider { get; init; }
    public Model? Model { get; init; }
    public string? UpstreamModel { get; init; }
    public Backend[] Backends { get; init; } = [];
    public int? Retries { get; init; }
    public TimeSpan? Backoff { get; init; }
    public TimeoutSettings Timeouts { get; init; } = new();

    /// <summary>How one of <see cref="Backends"/> is chosen.</summary>
    public IRoutingPolicy Policy { get; init; } = RoutingPolicies.Weighted;

    /// <summary>How long to wait for a model that is being loaded; null takes the provider's setting.</summary>
    public TimeSpan? WarmupWait { get; init; }
}
