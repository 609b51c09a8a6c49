using Gateway.Core.Catalog;

namespace Gateway.Core.Budgets;

/// <summary>How a budget stands.</summary>
/// <param name="Reserved">Held by running calls.</param>
public readonly record struct BudgetState(BudgetWindow Window, NanoUsd Amount, NanoUsd Spent, NanoUsd Reserved, int InFlight)
{
    /// <summary>Below zero when a call cost more than was left.</summary>
    public NanoUsd Remaining => new(Amount.Value - Spent.Value - Reserved.Value);
}
