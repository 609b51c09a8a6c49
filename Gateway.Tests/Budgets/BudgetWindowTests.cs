using System.Globalization;
using Gateway.Core.Budgets;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Budgets;

public class BudgetWindowTests
{
    [Theory]
    [InlineData("day", "Asia/Tokyo", "2026-11-28T14:59:59Z", "2026-11-27T15:00:00Z", "2026-11-28T15:00:00Z")]
    [InlineData("day", "Asia/Tokyo", "2026-11-28T15:00:00Z", "2026-11-28T15:00:00Z", "2026-11-29T15:00:00Z")]
    [InlineData("day", "Asia/Kathmandu", "2026-11-28T12:00:00Z", "2026-11-27T18:15:00Z", "2026-11-28T18:15:00Z")]
    [InlineData("week", "UTC", "2026-11-29T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("week", "UTC", "2026-11-30T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z")]
    [InlineData("month", "America/New_York", "2026-12-01T04:59:59Z", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z")]
    [InlineData("month", "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z")]
    // The day of 23 hours and the day of 25.
    [InlineData("day", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData("day", "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    // Clocks go forward at midnight: the day starts at one o'clock.
    [InlineData("day", "America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")]
    // Clocks go back at midnight to eleven: the day before has 25 hours, and midnight comes once.
    [InlineData("day", "America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    public void Of_AnInstant_IsTheCalendarsSpanInThatZone(string period, string zone, string now, string start, string end)
    {
        BudgetPeriods.TryParse(period, out BudgetPeriod parsed).ShouldBeTrue();

        BudgetWindow window = BudgetWindow.Of(parsed, TimeZoneInfo.FindSystemTimeZoneById(zone), At(now));

        window.ShouldBe(new BudgetWindow(At(start), At(end)));
    }

    [Fact]
    public void Of_EveryHourOfAYear_WindowsFollowEachOtherWithoutGapOrOverlap()
    {
        foreach (string name in (string[])["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia"])
        {
            TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(name);
            foreach (BudgetPeriod period in (BudgetPeriod[])[BudgetPeriod.Day, BudgetPeriod.Week, BudgetPeriod.Month])
            {
                BudgetWindow before = BudgetWindow.Of(period, zone, At("2026-01-01T00:30:00Z"));
                for (DateTimeOffset now = At("2026-01-01T00:30:00Z"); now.Year == 2026; now = now.AddHours(1))
                {
                    BudgetWindow window = BudgetWindow.Of(period, zone, now);
                    window.Contains(now).ShouldBeTrue($"{name} {period} {now:O}");
                    (window == before || window.Start == before.End).ShouldBeTrue($"{name} {period} {now:O}");
                    before = window;
                }
            }
        }
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
