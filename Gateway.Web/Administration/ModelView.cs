using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A model as pages and the admin API show it.</summary>
public sealed record ModelView
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? ModelId { get; init; }
    public IReadOnlyList<string> Aliases { get; init; } = [];
    public bool Active { get; init; }

    /// <summary>A JSON object; null for none.</summary>
    public JsonElement? DefaultParams { get; init; }
    public ReasoningConfig? ReasoningConfig { get; init; }
    public ModelTransforms? Transforms { get; init; }

    /// <summary>What becomes of a request of which its backend's wire cannot carry everything: <c>warn</c>, <c>allow</c> or <c>refuse</c>.</summary>
    public string OnLoss { get; init; } = LossPolicy.Warn.ToName();

    /// <summary>Name of the route that serves it when the client names none.</summary>
    public string? DefaultRoute { get; init; }
    public int? MaxOutputTokens { get; init; }

    /// <summary>How a backend is chosen within a priority; null is <c>weighted</c>.</summary>
    public string? RoutingPolicy { get; init; }

    /// <summary>Most calls at a time; null is any number.</summary>
    public int? MaxConcurrency { get; init; }
    public string? Description { get; init; }
    public IReadOnlyList<BackendView> Backends { get; init; } = [];
    public EntrySource Source { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A backend as pages and the admin API show it.</summary>
public sealed record BackendView
{
    public required string Id { get; init; }

    /// <summary>A provider's name; null when there is a <see cref="Url"/>.</summary>
    public string? Provider { get; init; }
    public string? Url { get; init; }

    /// <summary>Null: the model's <see cref="ModelView.ModelId"/>, else its name.</summary>
    public string? UpstreamModel { get; init; }
    public int Weight { get; init; }
    public int Priority { get; init; }
    public bool Active { get; init; }

    /// <summary>It takes no new calls; those that run may end.</summary>
    public bool Draining { get; init; }

    /// <summary>Most calls at a time; null is any number.</summary>
    public int? MaxConcurrency { get; init; }
}

/// <param name="Enabled">Overrides the request's reasoning switch; null leaves it alone.</param>
public sealed record ReasoningConfig(bool? Enabled);

/// <param name="SystemPromptPrefix">Put before the system message; null or empty for none.</param>
public sealed record ModelTransforms(string? SystemPromptPrefix);
