using Gateway.Core.Catalog;

namespace Gateway.Core.Routing;

/// <summary>Where a request may go, in order: what <see cref="RoutePlanner"/> decided and why.</summary>
/// <param name="Model">The model asked for; null when the name is passed through to the default provider.</param>
/// <param name="RouteName">The chain that decided; null when the model's own backends did.</param>
/// <param name="Steps">At least one; each with at least one backend.</param>
/// <param name="Reason">One sentence, for the record and for the console's dry run.</param>
public sealed record RoutePlan(Model? Model, string? RouteName, RouteStep[] Steps, RetryOn RetryOn, string Reason)
{
    /// <summary>How long the first backend has for its first content before another one is asked beside it; null never asks two.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>A stream that breaks is gone on with elsewhere.</summary>
    public bool RecoverStreams { get; init; }
}
