using System.Globalization;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Budgets;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Budgets;

/// <summary>Forecasts on spending whose end is known, since the days to come are made by the same rule.</summary>
public class BudgetOutlookTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void SpentBy_Constant_IsTheHour()
    {
        // 2 dollars an hour from the first: 1,000 dollars last 500 hours.
        BudgetOutlook outlook = Look(_ => 2, "2026-11-01T00:00:00Z", "2026-11-11T12:00:00Z", 1000, TimeZoneInfo.Utc, out SpendPace pace);

        Near(outlook.SpentBy, "2026-11-21T20:00:00Z", TimeSpan.FromMinutes(1));
        (pace.Days, pace.HasWeekdays, pace.Trend).ShouldBe((9, false, 0));
        (outlook.Earliest!.Value - outlook.Latest!.Value).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1), "nothing varies");
    }

    [Theory]
    [InlineData(1600, null)]
    [InlineData(1439, "2026-11-30T23:30:00Z")]
    public void SpentBy_AtTheEndOfTheWindow_IsBeforeItOrNotAtAll(double amount, string? expected)
    {
        BudgetOutlook outlook = Look(_ => 2, "2026-11-01T00:00:00Z", "2026-11-11T12:00:00Z", amount, TimeZoneInfo.Utc, out _);

        if (expected is null)
        {
            outlook.SpentBy.ShouldBeNull();
        }
        else
        {
            Near(outlook.SpentBy, expected, TimeSpan.FromMinutes(1));
        }
        outlook.Course[^1].At.ShouldBe(At("2026-12-01T00:00:00Z"));
        outlook.Course[^1].Spent.ShouldBe(1440, 0.01);
    }

    [Fact]
    public void SpentBy_GrowingByTheDay_FollowsTheTrend()
    {
        // Day n of the month costs n dollars.
        double Cost(DateTimeOffset at) => at.Day / 24d;
        BudgetOutlook outlook = Look(Cost, "2026-11-01T00:00:00Z", "2026-11-13T09:00:00Z", 210, TimeZoneInfo.Utc, out SpendPace pace);

        // 1 + 2 + … + 20 is 210.
        Near(outlook.SpentBy, "2026-11-21T00:00:00Z", TimeSpan.FromHours(2));
        pace.Trend.ShouldBe(1, 0.01);
    }

    [Fact]
    public void SpentBy_OnWorkingDaysOnly_PassesOverTheWeekend()
    {
        // 10 dollars each working day from nine to seven in Berlin, nothing at weekends.
        double Cost(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Berlin) is { Hour: >= 9 and < 19, DayOfWeek: not (DayOfWeek.Saturday or DayOfWeek.Sunday) } ? 1 : 0;
        DateTimeOffset start = At("2026-11-01T00:00:00+01:00");

        BudgetOutlook outlook = Look(Cost, "2026-10-12T00:00:00Z", "2026-11-19T17:00:00+01:00", 145, Berlin, out SpendPace pace, start);

        // Thirteen working days are over by the 18th, eight hours of the fourteenth: two more that day, the rest on Friday.
        pace.HasWeekdays.ShouldBeTrue();
        Near(outlook.SpentBy, "2026-11-20T14:00:00+01:00", TimeSpan.FromMinutes(10));
        BudgetOutlook more = Look(Cost, "2026-10-12T00:00:00Z", "2026-11-19T17:00:00+01:00", 155, Berlin, out _, start);
        Near(more.SpentBy, "2026-11-23T14:00:00+01:00", TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void SpentBy_OnADayBudget_KnowsTheHoursOfTheDay()
    {
        // A dollar an hour by day, nothing by night.
        double Cost(DateTimeOffset at) => at.Hour is >= 8 and < 20 ? 1 : 0;
        BudgetOutlook lasts = Look(Cost, "2026-11-01T00:00:00Z", "2026-11-11T14:00:00Z", 13, TimeZoneInfo.Utc, out _, At("2026-11-11T00:00:00Z"), BudgetPeriod.Day);
        BudgetOutlook ends = Look(Cost, "2026-11-01T00:00:00Z", "2026-11-11T14:00:00Z", 11.5, TimeZoneInfo.Utc, out _, At("2026-11-11T00:00:00Z"), BudgetPeriod.Day);

        // Evenly, six dollars in fourteen hours would be spent before midnight.
        lasts.SpentBy.ShouldBeNull();
        Near(ends.SpentBy, "2026-11-11T19:30:00Z", TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void SpentBy_TwiceAsMuchToday_CountsTodayByHowMuchOfItIsOver()
    {
        double Cost(DateTimeOffset at) => at >= At("2026-11-11T00:00:00Z") ? 2 : 1;
        BudgetOutlook outlook = Look(Cost, "2026-11-01T00:00:00Z", "2026-11-11T12:00:00Z", 42, TimeZoneInfo.Utc, out _, At("2026-11-11T00:00:00Z"), BudgetPeriod.Day);

        // Half of the day is over: 24 dollars are spent, and the rest goes at one and a half times the usual.
        Near(outlook.SpentBy, "2026-11-12T00:00:00Z", TimeSpan.FromMinutes(1));
        Look(Cost, "2026-11-01T00:00:00Z", "2026-11-11T12:00:00Z", 42.1, TimeZoneInfo.Utc, out _, At("2026-11-11T00:00:00Z"), BudgetPeriod.Day).SpentBy.ShouldBeNull();
    }

    [Fact]
    public void SpentBy_AfterABurst_GoesOnAsBeforeIt_AndTheBandHoldsIt()
    {
        // A dollar an hour, and on the sixth a test that cost 240 more.
        double Cost(DateTimeOffset at) => at.Day == 6 ? 11 : 1;
        BudgetOutlook outlook = Look(Cost, "2026-11-01T00:00:00Z", "2026-11-15T00:00:00Z", 676, TimeZoneInfo.Utc, out _);

        // 336 + 240 are spent, 100 are left.
        Near(outlook.SpentBy, "2026-11-19T04:00:00Z", TimeSpan.FromMinutes(5));
        outlook.Earliest!.Value.ShouldBeLessThan(At("2026-11-18T00:00:00Z"), "another burst would bring it forward");
    }

    [Fact]
    public void SpentBy_WhereBurstsAreTheRule_CountsThem()
    {
        // Every third day costs 240, the others 24.
        double Cost(DateTimeOffset at) => at.Day % 3 == 0 ? 10 : 1;
        BudgetOutlook outlook = Look(Cost, "2026-10-10T00:00:00Z", "2026-11-16T00:00:00Z", 2500, TimeZoneInfo.Utc, out SpendPace pace, At("2026-11-01T00:00:00Z"));

        (pace.PerDay > 75).ShouldBeTrue($"{pace.PerDay} a day; it is 96 on average");
        // 1,440 are spent, and 1,060 more last some eleven days of 96.
        Near(outlook.SpentBy, "2026-11-27T00:00:00Z", TimeSpan.FromDays(2.5));
    }

    [Fact]
    public void SpentBy_ARiseOfTheLastDayBeyondChance_IsTheEarlyEdge()
    {
        // A dollar an hour, and ten since this midnight: it may be a burst or the new rule.
        double Cost(DateTimeOffset at) => at >= At("2026-11-14T00:00:00Z") ? 10 : 1;
        BudgetOutlook outlook = Look(Cost, "2026-11-01T00:00:00Z", "2026-11-15T00:00:00Z", 312 + 240 + 720, TimeZoneInfo.Utc, out _);

        outlook.Earliest!.Value.ShouldBeLessThanOrEqualTo(At("2026-11-18T06:00:00Z"), "at ten dollars an hour it lasts three days");
    }

    [Fact]
    public void Band_OnRandomDays_HoldsFourTimesOutOfFive()
    {
        int held = 0;
        const int Runs = 400;
        for (int run = 0; run < Runs; run++)
        {
            var random = new Random(run);
            double[] days = [.. Enumerable.Range(0, 60).Select(_ => Math.Max(0, 24 + (8 * Normal(random))))];
            DateTimeOffset first = At("2026-10-10T00:00:00Z");
            double Cost(DateTimeOffset at) => days[(int)(at - first).TotalDays] / 24;
            BudgetOutlook outlook = Look(Cost, "2026-10-10T00:00:00Z", "2026-11-11T00:00:00Z", 1e6, TimeZoneInfo.Utc, out _, At("2026-11-01T00:00:00Z"));
            double really = Hours(Cost, At("2026-11-01T00:00:00Z"), At("2026-12-01T00:00:00Z")).Sum(h => h.Dollars);
            held += outlook.Course[^1].Low <= really && really <= outlook.Course[^1].High ? 1 : 0;
        }
        ((double)held / Runs).ShouldBeInRange(0.7, 0.92);
    }

    [Fact]
    public void Learn_WithoutSpendingOrWithTooLittle_SaysNothing()
    {
        DateTimeOffset now = At("2026-11-11T12:00:00Z");
        SpendPace.Learn([], TimeZoneInfo.Utc, now).ShouldBeNull();
        SpendPace.Learn([new SpendHour(At("2026-11-01T00:00:00Z"), 0)], TimeZoneInfo.Utc, now).ShouldBeNull();
        SpendPace.Learn([new SpendHour(now - (2 * Hour), 5)], TimeZoneInfo.Utc, now).ShouldBeNull();
        SpendPace few = SpendPace.Learn([new SpendHour(now - (4 * Hour), 5), new SpendHour(now - Hour, 5)], TimeZoneInfo.Utc, now).ShouldNotBeNull();
        (few.Days, few.HasMargin).ShouldBe((0, false));
        few.PerDay.ShouldBe(60, 0.001, "ten dollars in four hours");
    }

    [Fact]
    public void SpentBy_WhenAnOverrideEnds_GoesByTheAmountOfThatDay()
    {
        DateTimeOffset now = At("2026-11-11T00:00:00Z");
        Budget budget = Budget(1000, TimeZoneInfo.Utc, BudgetPeriod.Month) with { Extra = NanoUsd.FromDollars(1000), ExtraUntil = At("2026-11-25T00:00:00Z") };
        SpendHour[] hours = Hours(_ => 2, At("2026-11-01T00:00:00Z"), now);
        var state = new BudgetState(budget.WindowAt(now), budget.AmountAt(now), NanoUsd.FromDollars(480), NanoUsd.Zero, 0);

        // 1,000 are spent by the 21st at twenty, which 2,000 would bear; on the 25th only 1,000 hold again.
        new BudgetOutlook(budget, state, SpendPace.Learn(hours, TimeZoneInfo.Utc, now)!, now).SpentBy!.Value.ShouldBe(At("2026-11-25T00:00:00Z"), Hour);
    }

    private static BudgetOutlook Look(Func<DateTimeOffset, double> cost, string first, string now, double amount, TimeZoneInfo zone, out SpendPace pace, DateTimeOffset? window = null, BudgetPeriod period = BudgetPeriod.Month)
    {
        SpendHour[] hours = Hours(cost, At(first), At(now));
        pace = SpendPace.Learn(hours, zone, At(now)).ShouldNotBeNull();
        Budget budget = Budget(amount, zone, period);
        var spent = NanoUsd.FromDollars((decimal)hours.Where(h => h.At >= (window ?? At(first))).Sum(h => h.Dollars));
        return new BudgetOutlook(budget, new BudgetState(budget.WindowAt(At(now)), budget.Amount, spent, NanoUsd.Zero, 0), pace, At(now));
    }

    private static SpendHour[] Hours(Func<DateTimeOffset, double> cost, DateTimeOffset from, DateTimeOffset to) =>
        [.. Enumerable.Range(0, (int)(to - from).TotalHours).Select(i => from.ToUniversalTime() + (i * Hour)).Select(at => new SpendHour(at, cost(at)))];

    private static Budget Budget(double amount, TimeZoneInfo zone, BudgetPeriod period) => new()
    {
        Id = "b",
        Name = "b",
        Amount = NanoUsd.FromDollars((decimal)amount),
        Period = period,
        Zone = zone,
        Meter = new BudgetMeter(),
    };

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static void Near(DateTimeOffset? at, string expected, TimeSpan tolerance) => at.ShouldNotBeNull().ShouldBe(At(expected), tolerance);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
