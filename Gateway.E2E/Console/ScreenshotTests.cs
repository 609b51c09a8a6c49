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
    [Fact]
    public async Task Screenshots_OfEveryPage_InEveryLook()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("GATEWAY_SCREENSHOTS") is null or "", "GATEWAY_SCREENSHOTS is not set.");
        await gateway.GovernAsync();
        foreach ((int width, ColorScheme scheme) in ((int, ColorScheme)[])[(1440, ColorScheme.Light), (1440, ColorScheme.Dark), (390, ColorScheme.Light), (390, ColorScheme.Dark)])
        {
            await using ConsolePage console = await browser.OpenAsync(gateway, width, scheme);
            await console.SignInAsync();
            foreach (string path in ConsolePaths.All)
            {
                await console.GoAsync(path);
                string name = string.Join('-', path.Split(['/', '?', '&', '='], StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } text ? text : "overview";
                await console.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "screenshots", $"{name}-{width}-{scheme}.png".ToLowerInvariant()), FullPage = true });
            }
        }
    }
}
