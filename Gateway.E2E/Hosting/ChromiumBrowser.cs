using Microsoft.Playwright;
using Xunit;

namespace Gateway.E2E.Hosting;

/// <summary>A Chromium: the one that <c>GATEWAY_CHROMIUM</c> names, an installed one, or one that Playwright fetches.</summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable",
         "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", @"C:\Program Files\Google\Chrome\Application\chrome.exe"];

    // Milliseconds, of whatever a page is asked to show or to do.
    private static readonly float Patience = (float)Eventually.Limit.TotalMilliseconds;

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        string? path = Environment.GetEnvironmentVariable("GATEWAY_CHROMIUM") is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);
        if (path is null && Microsoft.Playwright.Program.Main(["install", "chromium"]) != 0)
        {
            throw new InvalidOperationException(
                "The browser tests need Chromium or Chrome. Install one (Debian: apt-get install chromium fonts-liberation), or set GATEWAY_CHROMIUM to its path.");
        }
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Timeout = Patience,
            // No sandbox: continuous integration runs as root. The rest keeps the browser from calling home.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A page in a fresh profile.</summary>
    /// <param name="zone">Where its clock stands; null for that of this machine.</param>
    public async Task<ConsolePage> OpenAsync(RunningGateway gateway, int width = 1440, ColorScheme scheme = ColorScheme.Light, string? zone = null)
    {
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            BaseURL = gateway.Url,
            ViewportSize = new() { Width = width, Height = width < 500 ? 844 : 900 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = zone,
        });
        context.SetDefaultTimeout(Patience);
        return new ConsolePage(await context.NewPageAsync(), gateway);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
