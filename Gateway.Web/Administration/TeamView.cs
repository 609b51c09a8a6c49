using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A team as pages and the admin API show it.</summary>
public sealed record TeamView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>False: none of its keys is accepted.</summary>
    public bool Active { get; init; }

    /// <summary>What its keys may use at most; empty allows all.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>Who answers for it.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];
    public string? Description { get; init; }

    /// <summary>Keys that are not revoked.</summary>
    public int Keys { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>What to set of a team, new or not. <see cref="Name"/> is needed for a new one.</summary>
internal sealed record TeamChange
{
    public Optional<string?> Name { get; init; }
    public Optional<bool?> Active { get; init; }

    /// <summary>Names or patterns with <c>*</c>; null or empty allows all.</summary>
    public Optional<IReadOnlyList<string>?> AllowedModels { get; init; }
    public Optional<IReadOnlyList<string>?> Owners { get; init; }
    public Optional<string?> Description { get; init; }
}
