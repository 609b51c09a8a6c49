using Gateway.Core.Limits;

namespace Gateway.Core.Catalog;

/// <summary>A team as requests see it: its keys share its limits and budgets, and may use no model that it may not.</summary>
public sealed class Team
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>False: none of its keys is accepted.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Empty allows all.</summary>
    public ModelPattern[] AllowedModels { get; init; } = [];

    /// <summary>What all of its keys may use together; null where nothing is limited.</summary>
    public LimitScope? Limits { get; init; }
}
