using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Budgets;

/// <summary>What is left of a budget over its window, and how that will go on.</summary>
public sealed record BudgetForecastView
{
    public required string BudgetId { get; init; }
    public required string Name { get; init; }

    /// <summary>
    /// One of <c>off</c> (not in force), <c>not_started</c>, <c>over</c> (a fixed term that has ended), <c>spent</c>,
    /// <c>runs_out</c>, <c>lasts</c>, <c>unspent</c> (nothing was spent, so there is nothing to go by), <c>too_little_data</c>.
    /// </summary>
    public required string Verdict { get; init; }

    /// <summary>The verdict as a sentence; times are in the budget's zone.</summary>
    public required string Summary { get; init; }

    /// <summary>An IANA name.</summary>
    public string TimeZone { get; init; } = "UTC";
    public DateTimeOffset? WindowStartsAt { get; init; }
    public DateTimeOffset? WindowEndsAt { get; init; }
    public NanoUsd AmountUsd { get; init; }
    public NanoUsd SpentUsd { get; init; }

    /// <summary>When it is spent; null unless it has run out, or will before the window ends.</summary>
    public DateTimeOffset? SpentBy { get; init; }

    /// <summary>Spent no earlier than this, nine times out of ten; null: even then it lasts, or nothing can be said.</summary>
    public DateTimeOffset? SpentByEarliest { get; init; }

    /// <summary>Spent no later than this, nine times out of ten; null: then it lasts, or nothing can be said.</summary>
    public DateTimeOffset? SpentByLatest { get; init; }

    /// <summary>Of the amount, when the window ends; null without an end, or where nothing can be said. Below zero it is overspent.</summary>
    public decimal? LeftAtEndPercent { get; init; }

    /// <summary>What the forecast goes by; null where there is none.</summary>
    public ForecastBasis? Basis { get; init; }

    /// <summary>From the window's start to its end, by hours or by days of the budget's zone; one of them is now.</summary>
    public IReadOnlyList<BurnDownPoint> Points { get; init; } = [];
}

/// <param name="Days">Whole days that were learnt from; 0: spending goes on evenly as since the first call.</param>
/// <param name="UsdPerDay">What a day such as today costs.</param>
/// <param name="TrendUsdPerDay">How much more each day costs than the one before; 0 where no trend is clear.</param>
/// <param name="Weekdays">Weekdays differ, and are forecast each like the ones before.</param>
public sealed record ForecastBasis(int Days, NanoUsd UsdPerDay, NanoUsd TrendUsdPerDay, bool Weekdays);

/// <summary>What is left at one instant, in dollars.</summary>
/// <param name="LeftUsd">Recorded; null in the future.</param>
/// <param name="ForecastUsd">Null in the past, and where there is no forecast.</param>
/// <param name="LowUsd">No less than this is left, nine times out of ten.</param>
/// <param name="HighUsd">No more than this is left, nine times out of ten.</param>
/// <param name="EvenUsd">If it were spent evenly from the window's start to its end; null where it has no two ends.</param>
public sealed record BurnDownPoint(DateTimeOffset At, NanoUsd? LeftUsd, NanoUsd? ForecastUsd, NanoUsd? LowUsd, NanoUsd? HighUsd, NanoUsd? EvenUsd);
