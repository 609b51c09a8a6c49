using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Ledger;

/// <summary>
/// What was held for calls and what became of it. The books add up: what was reserved and what calls cost beyond it
/// (<see cref="OverrunUsd"/>) is what was settled and what was given back (<see cref="ReleasedUsd"/>).
/// </summary>
/// <param name="Calls">Admitted in the window.</param>
/// <param name="SettledUsd">Sum of the costs that are known.</param>
/// <param name="UnknownCalls">Calls with usage whose cost is not known, and so is in none of the sums.</param>
/// <param name="AdjustedUsd">Of what was settled, the part that later corrections of prices added or took off.</param>
public sealed record LedgerView(
    DateTimeOffset From,
    DateTimeOffset To,
    long Calls,
    NanoUsd ReservedUsd,
    NanoUsd OverrunUsd,
    NanoUsd SettledUsd,
    NanoUsd ReleasedUsd,
    long UnknownCalls,
    NanoUsd AdjustedUsd,
    IReadOnlyList<LedgerAdjustmentBatch> Adjustments);

/// <summary>One correction of prices.</summary>
/// <param name="Calls">That it changed.</param>
public sealed record LedgerAdjustmentBatch(string Id, DateTimeOffset At, string Actor, long Calls, NanoUsd DifferenceUsd);

/// <summary>What to price again: calls that began in the window, at the prices that are in force for their time now.</summary>
internal sealed record RepriceChange
{
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive; now, when left out.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The upstream's model name; null is all.</summary>
    public string? UpstreamModel { get; init; }

    /// <summary>A provider's name; null is all.</summary>
    public string? Provider { get; init; }

    /// <summary>True, the default, only says what would change.</summary>
    public bool DryRun { get; init; } = true;
}

/// <summary>What pricing again changed, or would change.</summary>
/// <param name="Batch">Names the correction in the ledger; null when nothing was changed.</param>
/// <param name="WithoutPrice">Calls for which no price is known now; they stay as they are.</param>
public sealed record RepriceView(string? Batch, bool DryRun, long Examined, long Changed, long WithoutPrice, NanoUsd BeforeUsd, NanoUsd AfterUsd);
