using Gateway.Web.Administration.Traffic;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Traffic;

public sealed class TrafficIntervalTests
{
    // Every width that the console's Explore offers, whose CSV asks for it by name.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(60)]
    [InlineData(180)]
    [InlineData(360)]
    [InlineData(720)]
    [InlineData(1_440)]
    [InlineData(10_080)]
    public void Name_OfAWidth_IsReadAsTheSameWidth(int minutes)
    {
        TrafficInterval.TryParse(TrafficInterval.Name(TimeSpan.FromMinutes(minutes)), out TimeSpan width).ShouldBeTrue();
        width.TotalMinutes.ShouldBe(minutes);
    }

    [Theory]
    [InlineData("hour", 60)]
    [InlineData("15m", 15)]
    [InlineData("7d", 10_080)]
    [InlineData("7m", null)]
    [InlineData("36h", null)]
    [InlineData("0m", null)]
    [InlineData("-5m", null)]
    [InlineData("m", null)]
    [InlineData("9999d", null)]
    [InlineData("week", null)]
    public void Interval_ThatDividesNoDay_IsNone(string name, int? minutes) =>
        (TrafficInterval.TryParse(name, out TimeSpan width) ? (int?)width.TotalMinutes : null).ShouldBe(minutes);
}
