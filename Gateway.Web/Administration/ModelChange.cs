using System.Text.Json;

namespace Gateway.Web.Administration;

/// <summary>What to set of a model, new or not. <see cref="Name"/> is needed for a new one.</summary>
internal sealed record ModelChange
{
    public Optional<string?> Name { get; init; }
    public Optional<string?> ModelId { get; init; }
    public Optional<IReadOnlyList<string>?> Aliases { get; init; }
    public Optional<bool?> Active { get; init; }
    public Optional<JsonElement?> DefaultParams { get; init; }
    public Optional<ReasoningConfig?> ReasoningConfig { get; init; }
    public Optional<ModelTransforms?> Transforms { get; init; }
    public Optional<string?> OnLoss { get; init; }
    public Optional<string?> DefaultRoute { get; init; }
    public Optional<int?> MaxOutputTokens { get; init; }

    /// <summary>How a backend is chosen within a priority: a name of <c>RoutingPolicies</c>; null is <c>weighted</c>.</summary>
    public Optional<string?> RoutingPolicy { get; init; }

    /// <summary>Most calls of this model at a time; null is any number.</summary>
    public Optional<int?> MaxConcurrency { get; init; }
    public Optional<string?> Description { get; init; }

    /// <summary>The whole list; those with the id of an existing one change it, others are new. Left out keeps the list.</summary>
    public Optional<IReadOnlyList<BackendChange>?> Backends { get; init; }

    /// <summary>The <c>updated_at</c> of the model that the change is made to: refused with 409 when somebody has changed it since. Left out changes it as it is.</summary>
    public Optional<DateTimeOffset?> IfUpdatedAt { get; init; }
}

/// <summary>What to set of a backend. A new one needs <see cref="Provider"/> or <see cref="Url"/>.</summary>
internal sealed record BackendChange
{
    /// <summary>Only within <see cref="ModelChange.Backends"/>.</summary>
    public string? Id { get; init; }

    /// <summary>A provider's name.</summary>
    public Optional<string?> Provider { get; init; }
    public Optional<string?> Url { get; init; }
    public Optional<string?> UpstreamModel { get; init; }

    /// <summary>1 to 1000; 1 by default.</summary>
    public Optional<int?> Weight { get; init; }

    /// <summary>0 (the default) is tried first.</summary>
    public Optional<int?> Priority { get; init; }
    public Optional<bool?> Active { get; init; }

    /// <summary>True: it takes no new calls; those that run may end.</summary>
    public Optional<bool?> Draining { get; init; }

    /// <summary>Most calls at a time; null is any number.</summary>
    public Optional<int?> MaxConcurrency { get; init; }
}
