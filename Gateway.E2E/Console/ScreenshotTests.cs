using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>
/// Pictures of every page, to look at: <c>GATEWAY_SCREENSHOTS=1 dotnet test Gateway.E2E --filter Screenshots</c> puts them
/// into <c>screenshots/</c>, which is not committed.
/// </summary>
public sealed class ScreenshotTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    // Milliseconds; a picture too early is taken again, a test would wait for what it expects.
    private const float Settling = 700;

    // Milliseconds; a long page on a busy machine takes longer than what tests wait for an element.
    private const float Patience = 120_000;

    [Fact]
    public async Task Screenshots_OfEveryPage_InEveryLook()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("GATEWAY_SCREENSHOTS") is null or "", "GATEWAY_SCREENSHOTS is not set.");
        await gateway.GovernAsync();
        await gateway.CallAsync();
        foreach ((int width, ColorScheme scheme) in ((int, ColorScheme)[])[(1440, ColorScheme.Light), (1440, ColorScheme.Dark), (390, ColorScheme.Light), (390, ColorScheme.Dark)])
        {
            await using ConsolePage console = await browser.OpenAsync(gateway, width, scheme);
            await console.SignInAsync();
            foreach (string path in ConsolePaths.All.Concat(ConsolePaths.Missing))
            {
                await console.GoAsync(path);
                await TakeAsync(string.Join('-', path.Split(['/', '?', '&', '='], StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } text ? text : "overview", whole: true);
            }
            foreach ((string name, string path, string opener, string opens) in ConsolePaths.Dialogs)
            {
                await console.GoAsync(path);
                await console.Page.GetByRole(AriaRole.Button, new() { Name = opener, Exact = true }).First.ClickAsync();
                await console.Page.Locator(opens).First.WaitForAsync();
                await TakeAsync("dialog-" + name, whole: false);
            }
            await console.GoAsync("/requests?range=15m&q=attempts%3A%3E1");
            await console.Page.Locator(".row-open").First.ClickAsync();
            foreach (string tab in (string[])["Overview", "Messages", "Timeline", "Cost", "Headers", "Raw"])
            {
                await console.Page.GetByRole(AriaRole.Tab, new() { Name = tab, Exact = true }).ClickAsync();
                await console.Page.WaitForTimeoutAsync(Settling);
                await TakeAsync("request-" + tab, whole: false);
            }
            foreach ((string name, string key) in ((string, string)[])[("keyboard", "?"), ("palette", "Control+k")])
            {
                await console.GoAsync("/models");
                await Assertions.Expect(console.Page.Locator("dialog[data-ready]")).ToHaveCountAsync(1);
                await console.Page.Keyboard.PressAsync(key);
                await console.Page.WaitForTimeoutAsync(Settling);
                await TakeAsync(name, whole: false);
            }

            // Charts are drawn by a script, after the page that they are on.
            async Task TakeAsync(string name, bool whole)
            {
                await Assertions.Expect(console.Page.Locator(".chart:not([data-ready]), .skeleton")).ToHaveCountAsync(0, new() { Timeout = Patience });
                await console.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "screenshots", $"{name}-{width}-{scheme}.png".ToLowerInvariant()), FullPage = whole, Animations = ScreenshotAnimations.Disabled, Timeout = Patience });
            }
        }
    }
}
