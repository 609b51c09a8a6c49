namespace Gateway.Core.Budgets;

/// <summary>A budget that refused a call, and how it stood then.</summary>
public sealed record BudgetRefusal(Budget Budget, BudgetState State);
