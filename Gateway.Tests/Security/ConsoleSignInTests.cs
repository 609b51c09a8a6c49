using Gateway.Web.Security;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security;

public sealed class ConsoleSignInTests
{
    [Theory]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("/keys?x=1", "/keys?x=1")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/login?returnUrl=/login", "/")]
    [InlineData("/a\r\nSet-Cookie: x", "/")]
    public void LocalTarget_OfAReturnUrl_StaysOnThisSite(string? returnUrl, string expected) =>
        ConsoleSignIn.LocalTarget(returnUrl).ShouldBe(expected);

    [Fact]
    public void SignInThrottle_ElevenTries_RefusesTheLastOfThatAddressOnly()
    {
        var time = new AdjustableTime();
        var throttle = new SignInThrottle(time);
        Enumerable.Range(0, 10).ShouldAllBe(_ => throttle.TryEnter("a"));
        throttle.TryEnter("a").ShouldBeFalse();
        throttle.TryEnter("b").ShouldBeTrue();
        time.Now += TimeSpan.FromMinutes(5);
        throttle.TryEnter("a").ShouldBeTrue();
    }

    private sealed class AdjustableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
