using Gateway.Core.Catalog;
using Gateway.Web.Administration.Appearances;
using Gateway.Web.Components.Controls;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>Times by somebody's clock and figures with their separators.</summary>
public sealed class ShowTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 13, 5, 9, TimeSpan.Zero);

    [Fact]
    public void Times_WithoutAChoice_AreUtc()
    {
        var show = new Show();
        show.ZoneName.ShouldBe("UTC");
        show.At(Now).ShouldBe("2026-11-29 13:05:09");
        show.Full(Now).ShouldBe("2026-11-29 13:05:09 UTC");
        show.Full(null).ShouldBe(Show.Nothing);
        show.Count(1_234_567).ShouldBe("1,234,567");
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-07-01T22:30:00Z", "2026-07-02 00:30:00 +02:00")]
    [InlineData("Europe/Berlin", "2026-11-29T13:05:09Z", "2026-11-29 14:05:09 +01:00")]
    [InlineData("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01 01:30:00 -04:00")]
    [InlineData("America/New_York", "2026-11-01T06:30:00Z", "2026-11-01 01:30:00 -05:00")]
    [InlineData("Asia/Kolkata", "2026-12-31T20:00:00Z", "2027-01-01 01:30:00 +05:30")]
    [InlineData("America/St_Johns", "2026-01-01T02:00:00Z", "2025-12-31 22:30:00 -03:30")]
    [InlineData("Etc/UTC", "2026-11-29T13:05:09Z", "2026-11-29 13:05:09 UTC")]
    public void Full_InAZone_SaysItsOffsetThen(string zone, string at, string shown) =>
        In(zone).Full(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(shown);

    [Fact]
    public void Zone_OfTheBrowser_HoldsUntilOneIsChosen()
    {
        var show = new Show();
        show.Follow(new Appearance(), Zones.Of("Asia/Tokyo"));
        show.Full(Now).ShouldBe("2026-11-29 22:05:09 +09:00");
        show.Follow(new Appearance { Zone = "UTC" }, Zones.Of("Asia/Tokyo"));
        show.Full(Now).ShouldBe("2026-11-29 13:05:09 UTC");
        show.Follow(new Appearance { Zone = "Nowhere/Land" }, Zones.Of("Asia/Tokyo"));
        show.ZoneName.ShouldBe("Asia/Tokyo");
    }

    [Fact]
    public void Clock_OfToday_IsByTheSameClock()
    {
        // A quarter past ten in the evening of the day before, in New York.
        DateTimeOffset at = new(2026, 11, 29, 3, 15, 0, TimeSpan.Zero);
        new Show().Clock(at, Now).ShouldBe("03:15:00");
        In("America/New_York").Clock(at, Now).ShouldBe("11-28 22:15:00");
        new Show().Clock(at.AddYears(-1), Now).ShouldBe("2025-11-29 03:15:00");
    }

    [Fact]
    public void Ages_IfNotWanted_AreTimes()
    {
        DateTimeOffset at = Now.AddMinutes(-5);
        new Show().Ago(at, Now).ShouldBe("5 min ago");
        var show = new Show();
        show.Follow(new Appearance { Ages = false }, Zones.Of("Europe/Berlin"));
        show.Ago(at, Now).ShouldBe("14:00:09");
        show.Ago(null, Now).ShouldBe("never");
    }

    [Theory]
    [InlineData("2026-07-01T12:00", "2026-07-01T10:00:00Z")]
    [InlineData("2026-11-29T12:00", "2026-11-29T11:00:00Z")]
    // In spring there is no half past two, in autumn there are two.
    [InlineData("2026-03-29T02:30", "2026-03-29T01:30:00Z")]
    [InlineData("2026-10-25T02:30", "2026-10-25T01:30:00Z")]
    public void Instant_OfAClock_IsThatOfTheZone(string clock, string at)
    {
        System.Globalization.CultureInfo culture = System.Globalization.CultureInfo.InvariantCulture;
        In("Europe/Berlin").Instant(DateTime.Parse(clock, culture)).ShouldBe(DateTimeOffset.Parse(at, culture));
    }

    [Fact]
    public void Zone_OfItsOwn_StaysAndIsNamed()
    {
        Show.At(Now, Zones.Of("America/New_York")).ShouldBe("2026-11-29 08:05 America/New_York");
        Show.Day(new DateTimeOffset(2026, 11, 29, 23, 30, 0, TimeSpan.Zero), Zones.Of("Europe/Berlin")).ShouldBe("2026-11-30");
    }

    [Theory]
    [InlineData("CommaPoint", "1,234,567", "12.3k", "$1.50", "$1,235", "99.5%", "1.25 s")]
    [InlineData("SpacePoint", "1\u00a0234\u00a0567", "12.3k", "$1.50", "$1\u00a0235", "99.5%", "1.25 s")]
    [InlineData("PointComma", "1.234.567", "12,3k", "$1,50", "$1.235", "99,5%", "1,25 s")]
    [InlineData("SpaceComma", "1\u00a0234\u00a0567", "12,3k", "$1,50", "$1\u00a0235", "99,5%", "1,25 s")]
    public void Figures_OfEachStyle_TakeItsSeparators(string style, string count, string compact, string money, string thousand, string percent, string duration)
    {
        var show = new Show();
        show.Follow(new Appearance { Figures = Enum.Parse<FigureStyle>(style) }, TimeZoneInfo.Utc);
        show.Count(1_234_567).ShouldBe(count);
        show.Compact(12_345).ShouldBe(compact);
        show.Money(NanoUsd.FromDollars(1.5m)).ShouldBe(money);
        show.Money(NanoUsd.FromDollars(1234.567m)).ShouldBe(thousand);
        show.Percent(0.995).ShouldBe(percent);
        show.Duration(1_250_000L).ShouldBe(duration);
    }

    [Theory]
    [InlineData("duration", 1500, "1.5 ms")]
    [InlineData("usd", 0.00012345, "$0.000123")]
    [InlineData("part", 0.9996, "100%")]
    [InlineData("count", 12_345, "12.3k")]
    public void Measure_OfAUnit_IsWrittenAsSuch(string unit, double value, string shown)
    {
        new Show().Measure(value, unit).ShouldBe(shown);
        new Show().Measure(null, unit).ShouldBe(unit == "usd" ? "unknown" : Show.Nothing);
    }

    [Theory]
    [InlineData("europe/berlin", "Europe/Berlin")]
    [InlineData("new york", "America/New_York")]
    [InlineData(" Tokyo ", "Asia/Tokyo")]
    [InlineData("nowhere", null)]
    [InlineData("", null)]
    public void Zones_Searched_AreFoundByCityToo(string text, string? name) => Zones.Search(text).ShouldBe(name);

    [Fact]
    public void ChartClock_OverAChange_SaysWhenItWas()
    {
        DateTimeOffset from = new(2026, 10, 20, 0, 0, 0, TimeSpan.Zero);
        ChartSeries[] series = [new("a", "--chart-1", [.. Enumerable.Range(0, 12).Select(d => new ChartPoint(from.AddDays(d).ToUnixTimeMilliseconds(), d))])];
        ChartClock clock = ChartClock.Of(Zones.Of("Europe/Berlin"), series);
        clock.Offsets.ShouldBe([[0, 120], [new DateTimeOffset(2026, 10, 25, 1, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), 60]]);
        clock.Utc.ShouldBeFalse();
        ChartClock.Of(TimeZoneInfo.Utc, series).Utc.ShouldBeTrue();
        ChartClock.Of(Zones.Of("America/St_Johns"), []).Offsets.Count.ShouldBe(1);
    }

    private static Show In(string zone)
    {
        var show = new Show();
        show.Follow(new Appearance { Zone = zone }, TimeZoneInfo.Utc);
        return show;
    }
}
