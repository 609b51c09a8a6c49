using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Gateway.E2E.Hosting;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Console;

/// <summary>Somebody looks for what went wrong: from a chart to the requests behind it, and away with them.</summary>
public sealed class TrafficStoryTests(RunningGateway gateway, ChromiumBrowser browser) : IClassFixture<RunningGateway>, IClassFixture<ChromiumBrowser>
{
    [Fact]
    public async Task Traffic_FromChartToExport_KeepsItsFilters()
    {
        await CallAsync(3);
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();
        await console.GoAsync("/?range=15m");

        // Dragging over a chart narrows the whole page to what was dragged over.
        ILocator chart = page.GetByRole(AriaRole.Img, new() { NameRegex = new("^Requests by outcome") });
        await Assertions.Expect(chart).ToHaveAttributeAsync("data-ready", "");
        await chart.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await chart.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.6f), box.Y + (box.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width - 4, box.Y + (box.Height / 2), new() { Steps = 8 });
        await page.Mouse.UpAsync();
        await ShouldBeAtAsync(page, "[?]from=.*&to=");

        // The same span and a query go along to the requests.
        ILocator requests = page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).First;
        await Assertions.Expect(requests).ToHaveAttributeAsync("href", new Regex("from="));
        await requests.ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Requests", Level = 1 }).WaitForAsync();
        await ShouldBeAtAsync(page, "from=");
        await console.GoAsync("/requests?range=15m");
        await Assertions.Expect(page.Locator("dialog[data-ready]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("/");
        ILocator query = page.GetByRole(AriaRole.Searchbox, new() { Name = "Query" });
        await Assertions.Expect(query).ToBeFocusedAsync();
        await query.FillAsync("model:sim-chat");
        await page.Keyboard.PressAsync("Enter");
        await ShouldBeAtAsync(page, "q=model");
        await Assertions.Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Model" })).ToHaveValueAsync("sim-chat");
        // The gateway may have served another story before.
        await Assertions.Expect(page.Locator("tbody tr").Nth(2)).ToBeVisibleAsync();
        int had = await page.Locator("tbody tr").CountAsync();

        // A call that ends is there by itself; paused, it waits behind a pill.
        await CallAsync(1);
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(had + 1);
        await page.Locator("[data-tail]").ClickAsync();
        await Assertions.Expect(page.Locator("[data-tail]")).ToHaveAttributeAsync("aria-pressed", "true");
        await CallAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "2 new" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(had + 3);

        // The drawer's parts, by the address too.
        await page.Keyboard.PressAsync("j");
        ILocator drawer = page.GetByRole(AriaRole.Complementary, new() { NameRegex = new("^Request ") });
        await drawer.GetByRole(AriaRole.Tab, new() { Name = "Messages" }).ClickAsync();
        await Assertions.Expect(drawer).ToContainTextAsync("was not recorded");
        await ShouldBeAtAsync(page, "tab=messages");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(drawer).ToHaveCountAsync(0);

        // All of it to take away.
        await page.Locator("summary", new() { HasText = "Export" }).ClickAsync();
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV", Exact = true }).ClickAsync());
        string[] lines = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        lines.Length.ShouldBe(had + 4);
        lines[0].ShouldStartWith("started_at,");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        console.ShouldBeWithoutComplaints();
    }

    [Fact]
    public async Task Explore_AViewSaved_ComesBackThroughThePalette()
    {
        await CallAsync(2);
        await using ConsolePage console = await browser.OpenAsync(gateway);
        IPage page = console.Page;
        await console.SignInAsync();

        // By keys alone: to Explore, a figure, a name for it.
        await Assertions.Expect(page.Locator("dialog[data-ready]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Control+k");
        ILocator box = page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Go to a page") });
        await box.FillAsync("expl");
        await Assertions.Expect(page.GetByRole(AriaRole.Option).First).ToContainTextAsync("Explore");
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Explore", Level = 1 }).WaitForAsync();
        await page.GetByLabel("by", new() { Exact = true }).SelectOptionAsync("model");
        await ShouldBeAtAsync(page, "by=model");
        await page.GetByLabel("Show", new() { Exact = true }).SelectOptionAsync("output_tokens");
        await ShouldBeAtAsync(page, "metric=output_tokens");
        await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "sim-chat" })).ToHaveCountAsync(1);
        await page.Locator("summary", new() { HasText = "Views" }).ClickAsync();
        await page.GetByLabel("Name of the view").FillAsync("output by model");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "output by model" }).WaitForAsync();

        await page.Keyboard.PressAsync("Escape");
        await page.Locator("h1").ClickAsync();
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("r");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Requests", Level = 1 }).WaitForAsync();
        await page.Locator("summary", new() { HasText = "Views" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "output by model" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Explore", Level = 1 }).WaitForAsync();
        await Assertions.Expect(page.GetByLabel("Show", new() { Exact = true })).ToHaveValueAsync("output_tokens");

        await page.Locator("h1").ClickAsync();
        await page.Keyboard.PressAsync("?");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Keys", Level = 2 }).WaitForAsync();
        (await console.FindProblemsAsync()).ShouldBeEmpty();
        console.ShouldBeWithoutComplaints();
    }

    /// <summary>Asks the page for its address until it is there: waiting for the event of a navigation misses those that happen before the wait begins.</summary>
    private static Task ShouldBeAtAsync(IPage page, string pattern) => Assertions.Expect(page).ToHaveURLAsync(new Regex(pattern));

    private async Task CallAsync(int times)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        for (int i = 0; i < times; i++)
        {
            using HttpResponseMessage answer = await client.PostAsJsonAsync(
                $"{gateway.Url}/v1/chat/completions", new { model = "sim-chat", messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken);
            ((int)answer.StatusCode).ShouldBe(200);
        }
    }

    [Fact]
    public async Task Chart_OfABudget_EndsWhereTheBudgetDoes()
    {
        await gateway.CreateAsync("budgets", new { name = "A round sum", scope = "gateway", amount_usd = "100" });
        await using ConsolePage console = await browser.OpenAsync(gateway);
        await console.SignInAsync();
        await console.GoAsync("/budgets");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "A round sum" }).First.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".burn-down .apexcharts-yaxis-label tspan")).ToHaveTextAsync(["$100.00", "$75.00", "$50.00", "$25.00", "$0"]);
    }

    // The last Sunday of October: at three the clock says two again.
    [Fact]
    public async Task Chart_OverAChangeOfTheClock_MarksHoursAsTheClockSaidThem()
    {
        await CallAsync(1);
        await using ConsolePage console = await browser.OpenAsync(gateway, zone: "Europe/Berlin");
        await console.SignInAsync();
        await console.GoAsync("/?from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z");
        ILocator marks = console.Page.Locator(".charts .wide .apexcharts-xaxis-label tspan");
        await marks.First.WaitForAsync();
        await Assertions.Expect(marks.Filter(new() { HasText = "02:00" })).ToHaveCountAsync(2);
        await Assertions.Expect(marks.First).ToHaveTextAsync("10-25");
    }
}
