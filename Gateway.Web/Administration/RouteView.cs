using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A route as pages and the admin API show it.</summary>
public sealed record RouteView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public IReadOnlyList<RouteStepView> Steps { get; init; } = [];

    /// <summary>Null is every kind of failure.</summary>
    public IReadOnlyList<string>? RetryOn { get; init; }

    /// <summary>How a step's backend is chosen within a priority; null leaves it to the models.</summary>
    public string? RoutingPolicy { get; init; }

    /// <summary>How long a backend has for its first content before another one is asked beside it; both may be billed. Null never asks two.</summary>
    public int? HedgeAfterMs { get; init; }

    /// <summary>A stream that breaks is gone on with elsewhere, where an upstream can be asked to.</summary>
    public bool RecoverStreams { get; init; }
    public bool Active { get; init; }
    public string? Description { get; init; }
    public EntrySource Source { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>One step, shown and set alike: exactly one of provider (name), model (name) and backend (id).</summary>
public sealed record RouteStepView
{
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public string? Backend { get; init; }
    public string? UpstreamModel { get; init; }

    /// <summary>0 to 10; null takes the gateway's setting.</summary>
    public int? Retries { get; init; }
    public long? BackoffMs { get; init; }

    /// <summary>How long to wait while an upstream answers 503 because it loads its model; null takes the provider's setting.</summary>
    public long? WarmupWaitMs { get; init; }
    public long? FirstByteTimeoutMs { get; init; }
    public long? IdleTimeoutMs { get; init; }

    /// <summary>The whole attempt.</summary>
    public long? TimeoutMs { get; init; }
}

/// <summary>What to set of a route, new or not. <see cref="Name"/> and <see cref="Steps"/> are needed for a new one.</summary>
internal sealed record RouteChange
{
    public Optional<string?> Name { get; init; }
    public Optional<IReadOnlyList<RouteStepView>?> Steps { get; init; }

    /// <summary>Any of <c>rate_limit, timeout, connection, server_error, invalid_response, authentication</c>; null is all.</summary>
    public Optional<IReadOnlyList<string>?> RetryOn { get; init; }

    /// <summary>A name of <c>RoutingPolicies</c>; null leaves it to the models.</summary>
    public Optional<string?> RoutingPolicy { get; init; }

    /// <summary>50 to 60000; null never asks two.</summary>
    public Optional<int?> HedgeAfterMs { get; init; }
    public Optional<bool?> RecoverStreams { get; init; }
    public Optional<bool?> Active { get; init; }
    public Optional<string?> Description { get; init; }

    /// <summary>The <c>updated_at</c> of the route that the change is made to: refused with 409 when somebody has changed it since. Left out changes it as it is.</summary>
    public Optional<DateTimeOffset?> IfUpdatedAt { get; init; }
}
