using System.Text.RegularExpressions;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>Every page in every size and theme, as a first look finds it.</summary>
public sealed class PagesTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    public static TheoryData<int, ColorScheme> Looks => new()
    {
        { 1440, ColorScheme.Light },
        { 1440, ColorScheme.Dark },
        { 390, ColorScheme.Light },
        { 390, ColorScheme.Dark },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task EveryPage_FirstLook_FitsAndIsAccessible(int width, ColorScheme scheme)
    {
        await using ConsolePage console = await browser.OpenAsync(gateway, width, scheme);
        await console.Page.GotoAsync("/login");
        List<string> problems = [.. await console.FindProblemsAsync()];
        await console.SignInAsync();
        foreach (string path in ConsolePaths.All)
        {
            await console.GoAsync(path);
            problems.AddRange(await console.FindProblemsAsync());
        }
        await gateway.GovernAsync();
        foreach (string path in ConsolePaths.Governed)
        {
            await console.GoAsync(path);
            problems.AddRange(await console.FindProblemsAsync());
        }
        problems.ShouldBeEmpty();
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Pages_WithoutSignIn_LeadToTheSignInPage()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.Page.GotoAsync("/keys");
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/login[?]returnUrl=%2Fkeys"));
        await console.Page.GetByLabel("Password").FillAsync("wrong");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("do not belong together");
        await console.Page.GetByLabel("Password").FillAsync(gateway.Password);
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await console.Page.GetByRole(AriaRole.Heading, new() { Name = "Keys" }).WaitForAsync();
    }

    [Fact]
    public async Task BlazorScript_IsServedWhole()
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        string script = await client.GetStringAsync($"{gateway.Url}/_framework/blazor.web.js", TestContext.Current.CancellationToken);
        script.Length.ShouldBeGreaterThan(100_000);
    }

    [Fact]
    public async Task Theme_Chosen_IsRememberedAndPaintedAtOnce()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.SignInAsync();
        await console.Page.GetByRole(AriaRole.Radio, new() { Name = "Dark theme" }).ClickAsync();
        await Assertions.Expect(console.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await console.GoAsync("/models");
        await Assertions.Expect(console.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Radio, new() { Name = "Dark theme" })).ToHaveAttributeAsync("aria-checked", "true");
    }

    [Fact]
    public async Task SignOut_EndsTheSession()
    {
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.SignInAsync();
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await console.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" }).WaitForAsync();
        await console.Page.GotoAsync("/");
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/login"));
    }
}
