using Gateway.Core.Budgets;

namespace Gateway.Core.Limits;

/// <summary>What one key, team, model, provider or the whole gateway allows: part of the snapshot, but for its state.</summary>
public sealed class LimitScope
{
    public required ScopeKind Kind { get; init; }

    /// <summary>The id of the key, team, model or provider; <c>gateway</c> for the whole.</summary>
    public required string Id { get; init; }

    /// <summary>As shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Requests per minute; 0 is unlimited, null takes the default that a call brings along (keys only).</summary>
    public int? Rpm { get; init; }

    /// <summary>Tokens per minute; as <see cref="Rpm"/>.</summary>
    public int? Tpm { get; init; }

    /// <summary>Calls at the same time; 0 is unlimited.</summary>
    public int MaxParallel { get; init; }

    /// <summary>In no order; all of them hold.</summary>
    public Budget[] Budgets { get; init; } = [];
    public required ScopeState State { get; init; }

    /// <summary>Whether what such calls use and cost counts here.</summary>
    /// <param name="keyId">As in the books; null where a call had none, and so on.</param>
    public bool Covers(string? keyId, string? teamId, string? model, string? provider) => Kind switch
    {
        ScopeKind.Key => keyId == Id,
        ScopeKind.Team => teamId == Id,
        ScopeKind.Model => model == Name,
        ScopeKind.Provider => provider == Name,
        _ => true,
    };
}
