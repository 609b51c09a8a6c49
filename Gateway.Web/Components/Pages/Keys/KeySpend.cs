using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Keys;

/// <summary>What the calls of a key cost in this month (UTC).</summary>
/// <param name="Cost">Of the calls whose cost is known; null when there was no such call.</param>
/// <param name="Unknown">Calls whose cost is not known.</param>
/// <param name="Budget">Of the key itself, the one that is used up most; null when it has none in force.</param>
public sealed record KeySpend(NanoUsd? Cost, long Unknown, BudgetView? Budget)
{
    internal static KeySpend Of(UsageSums? sums, IEnumerable<BudgetView> budgets) => new(
        sums is not null && sums.Requests > sums.UnknownCost ? sums.Cost : null,
        sums?.UnknownCost ?? 0,
        budgets.Where(b => b.Standing is not null).MaxBy(b => b.Standing!.UsedPercent));
}
