namespace Gateway.Core.Budgets;

/// <summary>How long a budget lasts before it starts anew.</summary>
public enum BudgetPeriod : byte
{
    /// <summary>From midnight to midnight in the budget's time zone.</summary>
    Day,

    /// <summary>From Monday's midnight on (ISO 8601).</summary>
    Week,

    /// <summary>From the first of the month.</summary>
    Month,

    /// <summary>Once: from <see cref="Budget.From"/> to <see cref="Budget.Until"/>, or for ever.</summary>
    Fixed,
}

/// <summary>The names that configuration, the admin API and the database use for <see cref="BudgetPeriod"/>.</summary>
public static class BudgetPeriods
{
    private static readonly string[] Names = ["day", "week", "month", "fixed"];

    public static IReadOnlyList<string> All => Names;

    public static string ToName(this BudgetPeriod period) => Names[(int)period];

    /// <summary>False when <paramref name="name"/> is none of <see cref="All"/>; case does not matter.</summary>
    public static bool TryParse(string? name, out BudgetPeriod period)
    {
        int index = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        period = index < 0 ? default : (BudgetPeriod)index;
        return index >= 0;
    }
}
