using System.Globalization;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Budgets;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Budgets;

public class BurnDownTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Fact]
    public void View_OfAMonth_GoesDayByDayOfItsZoneFromWholeToForecast()
    {
        DateTimeOffset start = At("2026-10-31T23:00:00Z");
        BudgetForecastView view = View(Month(1000), start, At("2026-11-11T11:00:00Z"), spent: 252, perHour: 1);

        (view.Verdict, view.TimeZone).ShouldBe(("lasts", "Europe/Berlin"));
        view.Summary.ShouldBe("At this pace 28% will be left at the end, 1 December, 00:00 (Europe/Berlin).");
        view.LeftAtEndPercent.ShouldBe(28);
        view.Points.Count.ShouldBe(32, "thirty midnights, the end, and now");
        view.Points[0].ShouldBe(new BurnDownPoint(start, Usd(1000), null, null, null, Usd(1000)));
        view.Points[1].ShouldSatisfyAllConditions(p => p.At.ShouldBe(At("2026-11-01T23:00:00Z")), p => p.LeftUsd.ShouldBe(Usd(976)));
        BurnDownPoint now = view.Points.Single(p => p.At == At("2026-11-11T11:00:00Z"));
        (now.LeftUsd, now.ForecastUsd, now.LowUsd, now.HighUsd).ShouldBe((Usd(748), Usd(748), Usd(748), Usd(748)));
        BurnDownPoint end = view.Points[^1];
        (end.At, end.LeftUsd, end.EvenUsd).ShouldBe((At("2026-11-30T23:00:00Z"), null, Usd(0)));
        end.ForecastUsd!.Value.ToDollars().ShouldBe(280m, 0.01m);
    }

    [Fact]
    public void Summary_ThatRunsOut_NamesTheHourInItsZone()
    {
        BudgetForecastView view = View(Month(567), At("2026-10-31T23:00:00Z"), At("2026-11-11T11:00:00Z"), spent: 252, perHour: 1);

        view.Verdict.ShouldBe("runs_out");
        view.Summary.ShouldBe("At this pace it is spent on 24 November, 15:00 (Europe/Berlin).");
        view.SpentBy!.Value.ShouldBe(At("2026-11-24T14:00:00Z"), TimeSpan.FromMinutes(1));
        view.Points[^1].ForecastUsd!.Value.Value.ShouldBeLessThan(0, "what would be overspent is not hidden");
    }

    [Theory]
    [InlineData(0, "unspent", "Nothing was spent yet.")]
    [InlineData(5, "too_little_data", "Too little is recorded for a forecast: it takes 3 hours of spending at least.")]
    [InlineData(1000, "spent", "It is spent: further calls are refused until 1 December, 00:00 (Europe/Berlin).")]
    public void Summary_WithoutAForecast_SaysWhy(double spent, string verdict, string summary)
    {
        BudgetForecastView view = View(Month(1000), At("2026-11-11T10:30:00Z"), At("2026-11-11T11:00:00Z"), spent, perHour: 0);

        (view.Verdict, view.Summary, view.Basis).ShouldBe((verdict, summary, null));
        view.Points.ShouldAllBe(p => p.ForecastUsd == null || p.At <= At("2026-11-11T11:00:00Z"));
        view.Points.Single(p => p.At == At("2026-11-11T11:00:00Z")).LeftUsd.ShouldBe(Usd(1000 - spent));
    }

    [Fact]
    public void View_OfADay_GoesByTheHour()
    {
        Budget day = Month(100) with { Period = BudgetPeriod.Day };
        BudgetForecastView view = View(day, At("2026-11-01T00:00:00Z"), At("2026-11-11T10:30:00Z"), spent: 11.5, perHour: 1);

        view.Points.Count.ShouldBe(26);
        view.Summary.ShouldBe("At this pace 76% will be left at the end, 12 November, 00:00 (Europe/Berlin).");
        view.Points.Single(p => p.At == At("2026-11-11T09:00:00Z")).LeftUsd.ShouldBe(Usd(90));
    }

    [Fact]
    public void View_WithoutAnEnd_LooksAYearAhead()
    {
        Budget endless = Month(1000) with { Period = BudgetPeriod.Fixed, From = At("2026-11-01T00:00:00Z") };
        View(endless, At("2026-11-01T00:00:00Z"), At("2026-11-11T00:00:00Z"), spent: 240, perHour: 1).SpentBy!.Value.ShouldBe(At("2026-12-12T16:00:00Z"), TimeSpan.FromMinutes(1));
        BudgetForecastView lasts = View(endless with { Amount = Usd(1_000_000) }, At("2026-11-01T00:00:00Z"), At("2026-11-11T00:00:00Z"), spent: 240, perHour: 1);
        (lasts.Verdict, lasts.LeftAtEndPercent, lasts.Summary).ShouldBe(("lasts", null, "At this pace it lasts for more than a year."));
        lasts.Points.ShouldAllBe(p => p.EvenUsd == null);
    }

    [Fact]
    public void View_WithoutAStart_HadSpentSomethingBefore()
    {
        Budget term = Month(1000) with { Period = BudgetPeriod.Fixed, Until = At("2026-12-01T00:00:00Z") };
        BudgetForecastView view = View(term, At("2026-11-01T00:00:00Z"), At("2026-11-11T00:00:00Z"), spent: 640, perHour: 1);

        view.WindowStartsAt.ShouldBeNull();
        view.Points[0].LeftUsd.ShouldBe(Usd(600), "400 of the 640 were spent before what is recorded");
        view.SpentBy!.Value.ShouldBe(At("2026-11-26T00:00:00Z"), TimeSpan.FromMinutes(1));
    }

    // Spends evenly from the first hour on, as the records say; the meter says what was spent in the window.
    private static BudgetForecastView View(Budget budget, DateTimeOffset first, DateTimeOffset now, double spent, double perHour)
    {
        SpendHour[] hours =
        [
            .. Enumerable.Range(0, (int)Math.Ceiling((now - first).TotalHours)).Select(i => first.AddHours(i))
                .Select(at => new SpendHour(at, perHour * Math.Min(1, (now - at).TotalHours))),
        ];
        var state = new BudgetState(budget.WindowAt(now), budget.AmountAt(now), Usd(spent), NanoUsd.Zero, 0);
        DateTimeOffset start = BurnDown.StartOf(state.Window, now, TimeSpan.FromDays(400));
        return new BurnDown(budget, state, now, start, hours, SpendPace.Learn(hours, budget.Zone, now)).ToView();
    }

    private static Budget Month(double amount) => new()
    {
        Id = "b",
        Name = "b",
        Amount = Usd(amount),
        Period = BudgetPeriod.Month,
        Zone = Berlin,
        Meter = new BudgetMeter(),
    };

    private static NanoUsd Usd(double dollars) => NanoUsd.FromDollars((decimal)dollars);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
