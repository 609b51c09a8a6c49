using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A budget as pages and the admin API show it, and how it stands.</summary>
public sealed record BudgetView
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>One of <c>key, team, model, provider, gateway</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The id of what it is set on; empty for the gateway.</summary>
    public required string Of { get; init; }
    public required string OfName { get; init; }
    public NanoUsd AmountUsd { get; init; }

    /// <summary>One of <c>day, week, month, fixed</c>.</summary>
    public required string Period { get; init; }

    /// <summary>An IANA name; null is UTC.</summary>
    public string? TimeZone { get; init; }
    public DateTimeOffset? StartsAt { get; init; }
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>False warns and refuses nothing.</summary>
    public bool Hard { get; init; }
    public NanoUsd ExtraUsd { get; init; }
    public DateTimeOffset? ExtraUntil { get; init; }
    public bool Active { get; init; }

    /// <summary>Null while it is not active, or not yet in force here.</summary>
    public BudgetStanding? Standing { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>How a budget stands on this node.</summary>
/// <param name="WindowEndsAt">Null where it does not start anew.</param>
/// <param name="AmountUsd">With what a temporary override adds.</param>
/// <param name="ReservedUsd">Held by running calls.</param>
/// <param name="UsedPercent">Spent, of the amount; 0 to 100 and beyond.</param>
/// <param name="SpentByForecast">When the amount will be spent at the pace of late; null if it will last, or there is no forecast.</param>
/// <param name="HasForecast">False while too little is known for one.</param>
public sealed record BudgetStanding(
    DateTimeOffset? WindowStartsAt,
    DateTimeOffset? WindowEndsAt,
    NanoUsd AmountUsd,
    NanoUsd SpentUsd,
    NanoUsd ReservedUsd,
    NanoUsd RemainingUsd,
    decimal UsedPercent,
    DateTimeOffset? SpentByForecast,
    bool HasForecast);

/// <summary>What to set of a budget, new or not. A new one needs a name, a scope and an amount.</summary>
internal sealed record BudgetChange
{
    public Optional<string?> Name { get; init; }

    /// <summary>One of <c>key, team, model, provider, gateway</c>.</summary>
    public Optional<string?> Scope { get; init; }

    /// <summary>Id or name of what it is set on; left out for the gateway.</summary>
    public Optional<string?> Of { get; init; }
    public Optional<NanoUsd?> AmountUsd { get; init; }

    /// <summary>One of <c>day, week, month, fixed</c>; month when left out of a new one.</summary>
    public Optional<string?> Period { get; init; }

    /// <summary>An IANA name such as <c>Europe/Berlin</c>; null is UTC.</summary>
    public Optional<string?> TimeZone { get; init; }

    /// <summary>Of a fixed budget.</summary>
    public Optional<DateTimeOffset?> StartsAt { get; init; }
    public Optional<DateTimeOffset?> EndsAt { get; init; }
    public Optional<bool?> Hard { get; init; }

    /// <summary>Added to the amount until <see cref="ExtraUntil"/>.</summary>
    public Optional<NanoUsd?> ExtraUsd { get; init; }
    public Optional<DateTimeOffset?> ExtraUntil { get; init; }
    public Optional<bool?> Active { get; init; }
}
