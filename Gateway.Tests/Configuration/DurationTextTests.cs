using Gateway.Web.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public class DurationTextTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("10m", 600_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("60", 60_000)]
    [InlineData("1.0", 1000)]
    [InlineData("0.25", 250)]
    [InlineData("1.5s", 1500)]
    [InlineData("00:01:30", 90_000)]
    [InlineData("1:00:00", 3_600_000)]
    [InlineData("0", 0)]
    public void TryParse_AcceptedForms_ReadsThem(string text, int milliseconds)
    {
        DurationText.TryParse(text, out TimeSpan duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5s")]
    [InlineData("5 parsecs")]
    [InlineData("10d")]
    [InlineData("1:30")]
    [InlineData("99999999h")]
    [InlineData("1e3")]
    [InlineData("5,5s")]
    public void TryParse_AnythingElse_IsRefused(string text) => DurationText.TryParse(text, out _).ShouldBeFalse();
}
