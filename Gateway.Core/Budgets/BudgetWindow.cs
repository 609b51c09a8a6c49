namespace Gateway.Core.Budgets;

/// <summary>The span that a budget's amount is for: from <paramref name="Start"/>, before <paramref name="End"/>.</summary>
public readonly record struct BudgetWindow(DateTimeOffset Start, DateTimeOffset End)
{
    public bool Contains(DateTimeOffset instant) => instant >= Start && instant < End;

    /// <summary>
    /// The window that holds <paramref name="now"/>, aligned with the calendar of <paramref name="zone"/>. Where a clock change
    /// skips midnight the window starts with the first instant after it; where it happens twice, with the first.
    /// </summary>
    public static BudgetWindow Of(BudgetPeriod period, TimeZoneInfo zone, DateTimeOffset now)
    {
        DateTime today = TimeZoneInfo.ConvertTime(now, zone).DateTime.Date;
        DateTime monday = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        DateTime first = today.AddDays(1 - today.Day);
        return period switch
        {
            BudgetPeriod.Day => new BudgetWindow(Instant(today, zone), Instant(today.AddDays(1), zone)),
            BudgetPeriod.Week => new BudgetWindow(Instant(monday, zone), Instant(monday.AddDays(7), zone)),
            BudgetPeriod.Month => new BudgetWindow(Instant(first, zone), Instant(first.AddMonths(1), zone)),
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, "A fixed budget's window is its own."),
        };
    }

    private static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        // Midnight may not exist (clocks go forward at midnight in some zones): then the day starts at the first minute that does.
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }
        TimeSpan offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
