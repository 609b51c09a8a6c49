using Gateway.Core.Catalog;

namespace Gateway.Core.Budgets;

/// <summary>An amount of money that a scope may cost in each of its windows: part of the snapshot, but for its <see cref="Meter"/>.</summary>
public sealed record Budget
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required NanoUsd Amount { get; init; }
    public required BudgetPeriod Period { get; init; }

    /// <summary>Whose calendar the windows follow. Default UTC.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Start of a <see cref="BudgetPeriod.Fixed"/> budget.</summary>
    public DateTimeOffset From { get; init; } = DateTimeOffset.MinValue;

    /// <summary>End of a <see cref="BudgetPeriod.Fixed"/> budget; from then on it allows nothing.</summary>
    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>False: it warns and refuses nothing.</summary>
    public bool Hard { get; init; } = true;

    /// <summary>Added to <see cref="Amount"/> until <see cref="ExtraUntil"/>; a temporary override.</summary>
    public NanoUsd Extra { get; init; }
    public DateTimeOffset ExtraUntil { get; init; } = DateTimeOffset.MinValue;

    /// <summary>What was spent; survives catalog changes under the budget's id, as long as they leave scope and windows alone.</summary>
    public required BudgetMeter Meter { get; init; }

    /// <summary>Whether a window of this one is a window of the other.</summary>
    public bool HasSameWindows(Budget other) =>
        (Period, Zone.Id, From, Until) == (other.Period, other.Zone.Id, other.From, other.Until);

    /// <summary>What may be spent in the window that holds <paramref name="now"/>.</summary>
    public NanoUsd AmountAt(DateTimeOffset now) =>
        now >= ExtraUntil ? Amount : new NanoUsd(Amount.Value > long.MaxValue - Extra.Value ? long.MaxValue : Amount.Value + Extra.Value);

    public BudgetWindow WindowAt(DateTimeOffset now) =>
        Period == BudgetPeriod.Fixed ? new BudgetWindow(From, Until) : BudgetWindow.Of(Period, Zone, now);
}
