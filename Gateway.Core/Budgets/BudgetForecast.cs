namespace Gateway.Core.Budgets;

/// <summary>When a budget will be spent if its window goes on as it began.</summary>
public static class BudgetForecast
{
    /// <summary>Null when it will last until the window ends, or nothing can be said yet.</summary>
    public static DateTimeOffset? SpentBy(in BudgetState state, DateTimeOffset now)
    {
        if (state.Spent.Value >= state.Amount.Value)
        {
            return now;
        }
        if (state.Spent.Value <= 0 || state.Window.Start == DateTimeOffset.MinValue || now <= state.Window.Start)
        {
            return null;
        }
        // Integers of 128 bits: money by time overflows 64.
        Int128 ticks = (Int128)(now - state.Window.Start).Ticks * (state.Amount.Value - state.Spent.Value) / state.Spent.Value;
        return ticks < (state.Window.End - now).Ticks ? now.AddTicks((long)ticks) : null;
    }
}
