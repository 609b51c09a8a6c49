using Gateway.Core.Budgets;
using Gateway.Core.Limits;

namespace Gateway.Core.Catalog;

/// <summary>A group of keys with limits, budgets and models of its own.</summary>
public sealed record TeamDefinition
{
    /// <summary>Stable; keys and limits refer to it.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public bool Active { get; init; } = true;

    /// <summary>Model names or patterns with <c>*</c> that its keys may use at most; empty allows all.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>Who answers for it, such as e-mail addresses; for people only.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];
    public string? Description { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>What a team, model, provider or the whole gateway may use per minute or at the same time.</summary>
public sealed record LimitDefinition
{
    /// <summary>Any but <see cref="ScopeKind.Key"/>, whose limits stand with the key.</summary>
    public required ScopeKind Scope { get; init; }

    /// <summary>Id or name of the team, model or provider; empty for the gateway.</summary>
    public string Of { get; init; } = "";

    /// <summary>Requests per minute; 0 is unlimited. So are the others.</summary>
    public int Rpm { get; init; }

    /// <summary>Tokens per minute.</summary>
    public int Tpm { get; init; }

    /// <summary>Calls at the same time.</summary>
    public int MaxParallel { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>An amount of money that a key, team, model, provider or the whole gateway may cost in a period.</summary>
public sealed record BudgetDefinition
{
    /// <summary>Stable; what was spent is kept under it.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required ScopeKind Scope { get; init; }

    /// <summary>Id or name of the key, team, model or provider; empty for the gateway.</summary>
    public string Of { get; init; } = "";
    public required NanoUsd Amount { get; init; }
    public BudgetPeriod Period { get; init; } = BudgetPeriod.Month;

    /// <summary>An IANA name, for example <c>Europe/Berlin</c>; null is UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Start of a fixed budget; null is from ever on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>End of a fixed budget; null is for ever.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>False: it warns and refuses nothing.</summary>
    public bool Hard { get; init; } = true;

    /// <summary>Added to the amount until <see cref="ExtraUntil"/>.</summary>
    public NanoUsd Extra { get; init; }
    public DateTimeOffset? ExtraUntil { get; init; }
    public bool Active { get; init; } = true;
    public EntrySource Source { get; init; }
}
