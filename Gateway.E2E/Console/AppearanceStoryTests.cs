using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>Somebody travels: the console goes by the clock of their browser until they choose another, and then by that one anywhere.</summary>
public sealed class AppearanceStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    // Neither place changes its clock, so that the offsets hold all the year.
    private const string Here = "America/Phoenix";
    private const string HereOffset = "-07:00";
    private const string ThereOffset = "+09:00";

    [Fact]
    public async Task Zone_Chosen_IsThatOfRowsAndChartsInEveryBrowser()
    {
        await CallAsync();
        await using ConsolePage console = await browser.OpenAsync(gateway, zone: Here);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/requests");
        await ShouldGoByAsync(page, HereOffset, TimeSpan.FromHours(-7));

        await page.GetByRole(AriaRole.Link, new() { Name = "Appearance" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/settings[?]tab=appearance$"));
        await Assertions.Expect(page.GetByText($"{Here}, now")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Another" }).ClickAsync();
        await page.GetByLabel("Which").FillAsync("tokyo");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByText("Asia/Tokyo, now")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "1.234,5" }).ClickAsync();
        await Assertions.Expect(page.GetByText("1.234.567 tokens")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Dark theme" }).Last.ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Dark theme", Checked = true })).ToHaveCountAsync(2);
        (await console.FindProblemsAsync()).ShouldBeEmpty();

        // In the same circuit, then in a new one, where no time may ever have stood there by another clock.
        await page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).First.ClickAsync();
        await ShouldGoByAsync(page, ThereOffset, TimeSpan.FromHours(9));
        await page.AddInitScriptAsync(
            """
            window.seenTitles = new Set();
            new MutationObserver(() => document.querySelectorAll('tbody time').forEach(t => window.seenTitles.add(t.title))).observe(document, { childList: true, subtree: true, attributes: true });
            """);
        await page.ReloadAsync();
        await ShouldGoByAsync(page, ThereOffset, TimeSpan.FromHours(9));
        string[] seen = await page.EvaluateAsync<string[]>("[...window.seenTitles]");
        seen.ShouldNotBeEmpty();
        seen.ShouldAllBe(t => t.EndsWith(ThereOffset, StringComparison.Ordinal));
        await page.Locator(".range .segments button").Last.ClickAsync();
        await Assertions.Expect(page.GetByLabel("From (Asia/Tokyo)")).ToBeVisibleAsync();
        console.ShouldBeWithoutComplaints();

        // The choice is the person's, not the browser's; the address and what is taken away stay as they are.
        await using ConsolePage elsewhere = await browser.OpenAsync(gateway, width: 390, zone: "Europe/Paris");
        await elsewhere.SignInAsync();
        await elsewhere.GoAsync("/requests");
        await ShouldGoByAsync(elsewhere.Page, ThereOffset, TimeSpan.FromHours(9));
        await elsewhere.Page.Locator("summary", new() { HasText = "Export" }).ClickAsync();
        IDownload download = await elsewhere.Page.RunAndWaitForDownloadAsync(() => elsewhere.Page.GetByRole(AriaRole.Link, new() { Name = "CSV", Exact = true }).ClickAsync());
        string[] lines = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        DateTimeOffset.Parse(lines[1].Split(',')[0], CultureInfo.InvariantCulture).Offset.ShouldBe(TimeSpan.Zero);
        await elsewhere.GoAsync("/settings?tab=appearance");
        (await elsewhere.FindProblemsAsync()).ShouldBeEmpty();
        elsewhere.ShouldBeWithoutComplaints();
    }

    /// <summary>The newest row and the chart above it show the row's instant by a clock of this offset.</summary>
    private static async Task ShouldGoByAsync(IPage page, string offset, TimeSpan ahead)
    {
        ILocator time = page.Locator("tbody time").First;
        await Assertions.Expect(time).ToHaveAttributeAsync("title", new Regex($" {Regex.Escape(offset)}$"));
        var at = DateTimeOffset.Parse((await time.GetAttributeAsync("datetime"))!, CultureInfo.InvariantCulture);
        string clock = at.ToOffset(ahead).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        (await time.GetAttributeAsync("title")).ShouldBe($"{clock} {offset}");
        clock.ShouldEndWith(await time.InnerTextAsync());

        ILocator chart = page.GetByRole(AriaRole.Img, new() { NameRegex = new("^Requests by outcome") });
        await Assertions.Expect(chart).ToHaveAttributeAsync("data-ready", "");
        await chart.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await chart.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await page.Mouse.MoveAsync(box.X + (box.Width / 2) + 3, box.Y + (box.Height / 2));
        await Assertions.Expect(chart.Locator(".apexcharts-tooltip-title")).ToHaveTextAsync(new Regex($" {Regex.Escape(offset)}$"));
        // The whole hours that the axis names are those of the same clock.
        string[] hours = [.. new[] { -1, 0, 1 }.Select(h => at.AddHours(h).ToOffset(ahead).ToString("HH:", CultureInfo.InvariantCulture))];
        IReadOnlyList<string> marks = await chart.Locator(".apexcharts-xaxis-label tspan").AllTextContentsAsync();
        marks.Where(m => m.Contains(':', StringComparison.Ordinal)).ShouldAllBe(m => hours.Any(h => m.StartsWith(h, StringComparison.Ordinal)));
    }

    private async Task CallAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        using HttpResponseMessage answer = await client.PostAsJsonAsync(
            $"{gateway.Url}/v1/chat/completions", new { model = "sim-chat", messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(200);
    }
}
