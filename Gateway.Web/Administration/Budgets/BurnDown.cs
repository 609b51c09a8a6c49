using System.Globalization;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Budgets;

/// <summary>The course of a budget's window: what was left, what will be, and what it comes to in words.</summary>
internal sealed class BurnDown(Budget budget, BudgetState state, DateTimeOffset now, DateTimeOffset start, IReadOnlyList<SpendHour> hours, SpendPace? pace)
{
    /// <summary>Shorter windows are shown by hours.</summary>
    private static readonly TimeSpan ByHours = TimeSpan.FromDays(8);

    private readonly BudgetOutlook? _outlook =
        pace is not null && state.Spent.Value > 0 && state.Spent.Value < state.Amount.Value && state.Window.Contains(now) ? new BudgetOutlook(budget, state, pace, now) : null;

    /// <summary>The window's start, or so far back where it has none.</summary>
    public static DateTimeOffset StartOf(BudgetWindow window, DateTimeOffset now, TimeSpan longest) =>
        window.Start > now - longest ? window.Start
        : window.Start == DateTimeOffset.MinValue ? now.AddDays(-SpendPace.MostDays)
        : now - longest;

    public static BudgetForecastView NotInForce(BudgetDefinition budget) => new()
    {
        BudgetId = budget.Id,
        Name = budget.Name,
        Verdict = "off",
        Summary = budget.Active ? "Not in force: what it is set on is not there, such as a key that was revoked." : "It is off: nothing is counted against it.",
        TimeZone = budget.TimeZone ?? "UTC",
        AmountUsd = budget.Amount,
    };

    public BudgetForecastView ToView() => new()
    {
        BudgetId = budget.Id,
        Name = budget.Name,
        Verdict = Verdict,
        Summary = Summary,
        TimeZone = Name(budget.Zone),
        WindowStartsAt = HasStart ? state.Window.Start : null,
        WindowEndsAt = HasEnd ? state.Window.End : null,
        AmountUsd = state.Amount,
        SpentUsd = state.Spent,
        SpentBy = Verdict == "spent" ? SpentAt() : _outlook?.SpentBy,
        SpentByEarliest = _outlook?.Earliest,
        SpentByLatest = _outlook?.Latest,
        LeftAtEndPercent = LeftAtEnd is { } left ? decimal.Round((decimal)left * 100, 1) : null,
        Basis = _outlook is null ? null : new ForecastBasis(pace!.Days, Money(pace.PerDay), Money(pace.Trend), pace.HasWeekdays),
        Points = [.. Points()],
    };

    private bool HasStart => state.Window.Start != DateTimeOffset.MinValue;

    private bool HasEnd => state.Window.End != DateTimeOffset.MaxValue;

    private double Spent => Dollars(state.Spent);

    /// <summary>Part of the amount; null without an end or a forecast.</summary>
    private double? LeftAtEnd => HasEnd && _outlook is { } outlook && outlook.Course[^1].At == state.Window.End ? PartLeft(outlook.Course[^1].Spent) : null;

    private string Verdict =>
        now < state.Window.Start ? "not_started"
        : now >= state.Window.End ? "over"
        : state.Spent.Value >= state.Amount.Value ? "spent"
        : state.Spent.Value == 0 ? "unspent"
        : _outlook is null ? "too_little_data"
        : _outlook.SpentBy is not null ? "runs_out"
        : "lasts";

    private string Summary => Verdict switch
    {
        "not_started" => $"Starts on {At(state.Window.Start)}.",
        "over" => budget.Hard ? "It is over: further calls are refused." : "It is over.",
        "spent" => budget.Hard
            ? $"It is spent: further calls are refused{(HasEnd && budget.Period != BudgetPeriod.Fixed ? $" until {At(state.Window.End)}" : "")}."
            : "It is spent; calls go on, since it is soft.",
        "unspent" => "Nothing was spent yet.",
        "too_little_data" => $"Too little is recorded for a forecast: it takes {SpendPace.Least.TotalHours:0} hours of spending at least.",
        "runs_out" => $"At this pace it is spent on {At(_outlook!.SpentBy!.Value)}.{Between()}",
        _ when LeftAtEnd is { } left => $"At this pace {Percent(left)} will be left at the end, {At(state.Window.End)}.{MayRunOut()}",
        _ => $"At this pace it lasts for more than a year.{MayRunOut()}",
    };

    // How sure it is, in the coarsest words that still tell the two ends apart.
    private string Between()
    {
        if (_outlook!.Earliest is not { } early)
        {
            return "";
        }
        return _outlook.Latest is not { } late ? $" It may be as early as {Day(early)}, or last to the end: spending varies that much."
            : Day(early) == Day(late) ? ""
            : $" Four times out of five it is between {Day(early)} and {Day(late)}.";
    }

    private string MayRunOut() => _outlook!.Earliest is { } early ? $" It may be spent on {Day(early)}, since spending varies that much." : "";

    private IEnumerable<BurnDownPoint> Points()
    {
        // A window without a start, or one that began too long ago, had spent something before.
        double spent = start == state.Window.Start ? 0 : Math.Max(0, Spent - hours.Where(h => h.At >= start).Sum(h => h.Dollars));
        double amount = Dollars(state.Amount);
        (int hour, int course) = (0, 0);
        foreach (DateTimeOffset at in Instants())
        {
            for (; hour < hours.Count && hours[hour].At < at; hour++)
            {
                spent += hours[hour].At >= start ? hours[hour].Dollars : 0;
            }
            while (_outlook is not null && course < _outlook.Course.Count - 1 && _outlook.Course[course].At < at)
            {
                course++;
            }
            OutlookPoint? ahead = at < now ? null : _outlook?.Course[course];
            double then = Dollars(budget.AmountAt(at));
            yield return new BurnDownPoint(
                at,
                at < now ? Money(amount - spent) : at == now ? Money(amount - Spent) : null,
                Money(then - ahead?.Spent),
                Money(then - ahead?.High),
                Money(then - ahead?.Low),
                HasStart && HasEnd ? Money(amount * ((state.Window.End - at) / (state.Window.End - state.Window.Start))) : null);
        }
    }

    // The start, each hour's or day's beginning, now, and the end.
    private IEnumerable<DateTimeOffset> Instants()
    {
        DateTimeOffset end = HasEnd && state.Window.End <= now + BudgetOutlook.Farthest ? state.Window.End : _outlook?.SpentBy ?? now.AddDays(SpendPace.MostDays);
        bool byHours = end - start <= ByHours;
        for (DateTimeOffset at = start; at < end;)
        {
            yield return at;
            DateTimeOffset next = byHours ? SpendPace.NextHour(at) : BudgetWindow.Of(BudgetPeriod.Day, budget.Zone, at).End;
            if (at < now && next > now && now < end)
            {
                yield return now;
            }
            at = next;
        }
        yield return end;
    }

    // The end of the hour in which the last of it was spent; now, where that is not recorded.
    private DateTimeOffset SpentAt()
    {
        double left = start == state.Window.Start ? Dollars(state.Amount) : 0;
        foreach (SpendHour hour in hours.Where(h => h.At >= start))
        {
            left -= hour.Dollars;
            if (left <= 0 && hour.At.AddHours(1) < now)
            {
                return hour.At.AddHours(1);
            }
        }
        return now;
    }

    private double PartLeft(double spent) => state.Amount.Value == 0 ? 0 : 1 - (spent / Dollars(budget.AmountAt(state.Window.End)));

    private string At(DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(at, budget.Zone):d MMMM, HH:mm} ({Name(budget.Zone)})");

    private string Day(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, budget.Zone).ToString("d MMMM", CultureInfo.InvariantCulture);

    private static string Percent(double part) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, part) * 100:0}%");

    private static string Name(TimeZoneInfo zone) => zone == TimeZoneInfo.Utc ? "UTC" : zone.Id;

    private static double Dollars(NanoUsd amount) => (double)amount.Value / NanoUsd.PerDollar;

    private static NanoUsd Money(double dollars) => new((long)Math.Clamp(dollars * NanoUsd.PerDollar, long.MinValue / 2, long.MaxValue / 2));

    private static NanoUsd? Money(double? dollars) => dollars is { } known ? Money(known) : null;
}
