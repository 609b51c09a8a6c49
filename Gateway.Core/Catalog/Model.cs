using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Catalog;

/// <summary>A model as requests see it.</summary>
public sealed class Model
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? ModelId { get; init; }
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Active ones only, in order of priority.</summary>
    public required Backend[] Backends { get; init; }

    /// <summary>Members to add to requests that lack them; empty for none.</summary>
    public DefaultParam[] DefaultParams { get; init; } = [];
    public bool? ReasoningEnabled { get; init; }
    public string? SystemPromptPrefix { get; init; }

    /// <summary>What becomes of a request of which its backend's wire cannot carry everything.</summary>
    public LossPolicy OnLoss { get; init; }

    /// <summary>Set while the snapshot is built: a route's steps may name models, so models come first.</summary>
    public Route? DefaultRoute { get; internal set; }

    /// <summary>Most output tokens that a request may ask for; see <see cref="Relay.OutputLimit"/>. Null sets no limit.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>How one of <see cref="Backends"/> is chosen.</summary>
    public IRoutingPolicy Policy { get; init; } = RoutingPolicies.Weighted;

    /// <summary>Most calls at a time; 0 is any number.</summary>
    public int MaxConcurrency { get; init; }

    /// <summary>Unix seconds, for <c>/v1/models</c>.</summary>
    public long Created { get; init; }

    /// <summary>What all calls of it may use together; null where nothing is limited.</summary>
    public Limits.LimitScope? Limits { get; init; }
    public required ModelState State { get; init; }

    /// <summary>The plan of a request that names only this model: the same every time, so made once.</summary>
    internal RoutePlan? Plan;
}
