using Gateway.Core.Budgets;

namespace Gateway.Web.Administration.Budgets;

/// <summary>What was spent in the hour that begins at <paramref name="At"/>.</summary>
internal readonly record struct SpendHour(DateTimeOffset At, double Dollars);

/// <summary>
/// How fast a scope spends, learnt from its recorded hours: what a day costs (<see cref="DayFit"/>), and at which hours of the
/// day. Before there are two whole days it is the same at all hours.
/// </summary>
internal sealed class SpendPace
{
    /// <summary>Days that are looked back on.</summary>
    public const int MostDays = 28;

    /// <summary>Less than this since the first call tells nothing.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromHours(3);

    private const int HoursOfDay = 24;

    private readonly TimeZoneInfo _zone;
    private readonly DayFit? _fit;
    private readonly double[] _shares = [.. Enumerable.Repeat(1d / HoursOfDay, HoursOfDay)];
    private readonly double _perHour;
    private readonly int _firstDay;
    private readonly int _today;
    private readonly double _todayFactor = 1;
    private readonly double _risenPerDay;

    private SpendPace(TimeZoneInfo zone, double perHour) => (_zone, _perHour) = (zone, perHour);

    private SpendPace(IReadOnlyList<SpendHour> hours, TimeZoneInfo zone, int firstDay, int today, DateTimeOffset now)
    {
        (_zone, _firstDay, _today) = (zone, firstDay, today);
        var days = new double[today - firstDay];
        var byHour = new double[days.Length, HoursOfDay];
        double spentToday = 0;
        foreach (SpendHour hour in hours)
        {
            DateTime local = TimeZoneInfo.ConvertTime(hour.At, zone).DateTime;
            int day = DayNumber(local) - firstDay;
            spentToday += day == days.Length ? hour.Dollars : 0;
            if (day >= 0 && day < days.Length)
            {
                days[day] += hour.Dollars;
                byHour[day, local.Hour] += hour.Dollars;
            }
        }
        _fit = new DayFit(days, (int)DateOnly.FromDayNumber(firstDay).DayOfWeek);
        LearnHours(days, byHour);
        DateTimeOffset midnight = BudgetWindow.Of(BudgetPeriod.Day, zone, now).Start;
        double usualToday = _fit.At(days.Length);
        // Today goes on as much above or below the usual as it began; the more of it is over, the more that counts.
        double factor = usualToday > 0 ? 1 + ((spentToday - Between(midnight, now)) / usualToday) : 1;
        double usual = Between(now.AddDays(-1), now);
        double recent = hours.Where(h => h.At > now.AddDays(-1)).Sum(h => h.Dollars);
        _risenPerDay = recent > usual + (2 * _fit.Deviation) ? recent - usual : 0;
        _todayFactor = Math.Max(0, factor);
    }

    /// <summary>Whole days that were learnt from; 0: an even pace since the first call.</summary>
    public int Days => _fit is null ? 0 : _today - _firstDay;

    public bool HasWeekdays => _fit is { HasWeekdays: true };

    /// <summary>Dollars that each day costs more than the one before; 0 where no trend is clear.</summary>
    public double Trend => _fit?.Trend ?? 0;

    /// <summary>Dollars of a usual day such as today.</summary>
    public double PerDay => _fit?.At(_today - _firstDay) ?? _perHour * HoursOfDay;

    /// <summary>Whether anything can be said of how sure a forecast is.</summary>
    public bool HasMargin => _fit is { Freedom: >= 2 };

    /// <summary>Null when too little is recorded.</summary>
    /// <param name="hours">In order; hours without spending may be left out.</param>
    /// <param name="zone">Whose days and weekdays they are.</param>
    public static SpendPace? Learn(IReadOnlyList<SpendHour> hours, TimeZoneInfo zone, DateTimeOffset now)
    {
        SpendHour[] past = [.. hours.Where(h => h.At <= now).SkipWhile(h => h.Dollars <= 0)];
        if (past.Length == 0)
        {
            return null;
        }
        int today = DayNumber(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        // The day of the first call began without any, so that it says nothing of a whole day.
        int first = Math.Max(DayNumber(TimeZoneInfo.ConvertTime(past[0].At, zone).DateTime) + 1, today - MostDays);
        TimeSpan known = now - past[0].At;
        return today - first >= 2 ? new SpendPace(past, zone, first, today, now)
            : known >= Least ? new SpendPace(zone, past.Sum(h => h.Dollars) / known.TotalHours)
            : null;
    }

    /// <summary>What is spent in a span, as a rule.</summary>
    public double Between(DateTimeOffset from, DateTimeOffset to)
    {
        double sum = 0;
        for (DateTimeOffset at = from; at < to;)
        {
            DateTimeOffset next = NextHour(at) < to ? NextHour(at) : to;
            sum += InHour(at, next);
            at = next;
        }
        return sum;
    }

    /// <summary>What is spent from one instant to another within an hour of the clock.</summary>
    public double InHour(DateTimeOffset from, DateTimeOffset to)
    {
        double part = (to - from).TotalHours;
        if (_fit is null)
        {
            return _perHour * part;
        }
        DateTime local = TimeZoneInfo.ConvertTime(from, _zone).DateTime;
        int day = DayNumber(local);
        return _fit.At(day - _firstDay) * _shares[local.Hour] * part * (day == _today ? _todayFactor : 1);
    }

    /// <summary>How much less than the rule it may be, four times out of five, after so many days from now.</summary>
    public double Less(double days) => _fit!.Margin(days);

    /// <summary>How much more: with bursts such as there were, and with a rise of the last day that is beyond chance.</summary>
    public double More(double days) => _fit!.Margin(days) + ((_fit.BurstsPerDay + _risenPerDay) * days);

    public static DateTimeOffset NextHour(DateTimeOffset at) => new((at.UtcTicks / TimeSpan.TicksPerHour + 1) * TimeSpan.TicksPerHour, TimeSpan.Zero);

    private static int DayNumber(DateTime local) => DateOnly.FromDateTime(local).DayNumber;

    // At which hours a day's money is spent: from days that were not bursts, if three at least spent anything.
    private void LearnHours(double[] days, double[,] byHour)
    {
        double[] spending = [.. days.Where(d => d > 0).Order()];
        if (spending.Length < 3)
        {
            return;
        }
        double most = 5 * spending[spending.Length / 2];
        var sums = new double[HoursOfDay];
        for (int day = 0; day < days.Length; day++)
        {
            for (int hour = 0; hour < HoursOfDay && days[day] <= most; hour++)
            {
                sums[hour] += byHour[day, hour];
            }
        }
        double all = sums.Sum();
        for (int hour = 0; hour < HoursOfDay; hour++)
        {
            _shares[hour] = sums[hour] / all;
        }
    }
}
