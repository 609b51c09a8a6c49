using System.Diagnostics;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Security;

/// <summary>A page that stays open does not outlive the session that it was opened in.</summary>
public sealed class CircuitTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task SignOut_InOneTab_ClosesTheOthersWithinFiveSeconds()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.SignInAsync();
        await using var other = new ConsolePage(await console.Page.Context.NewPageAsync(), gateway);
        await other.GoAsync("/keys");
        await Assertions.Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "Keys" })).ToBeVisibleAsync();

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await console.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        long start = Stopwatch.GetTimestamp();

        await other.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        await Assertions.Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "Keys" })).ToHaveCountAsync(0);
    }

    // Signed out elsewhere, in another browser: the page has no cookie that it could lose.
    [Fact]
    public async Task SessionEndedInAnotherBrowser_ClosesThePageWithinFiveSeconds()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.SignInAsync();
        await console.GoAsync("/keys");
        await using ConsolePage elsewhere = await browser.OpenAsync(gateway);
        await elsewhere.Page.Context.AddCookiesAsync([.. (await console.Page.Context.CookiesAsync()).Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = gateway.Url })]);
        await elsewhere.GoAsync("/");

        await elsewhere.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await elsewhere.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        long start = Stopwatch.GetTimestamp();

        await console.Page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" }).WaitForAsync();
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        await console.Page.GotoAsync("/keys");
        await console.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
    }

    [Fact]
    public async Task PageOfAnotherOrigin_CannotOpenACircuitWithTheVisitorsCookie()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.SignInAsync();
        // Another port is another origin, but the same site: the cookie comes along.
        await console.Page.RouteAsync("http://127.0.0.1:1/**", route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<p>elsewhere</p>" }));
        await console.Page.GotoAsync("http://127.0.0.1:1/");

        string outcome = await console.Page.EvaluateAsync<string>(
            "url => new Promise(done => { const s = new WebSocket(url); s.onopen = () => done('open'); s.onerror = () => done('refused'); })",
            gateway.Url.Replace("http:", "ws:", StringComparison.Ordinal) + "/_blazor");

        outcome.ShouldBe("refused");
    }
}
