using Bunit;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Components.Layout;
using Gateway.Web.Components.Pages.Explore;
using Gateway.Web.Components.Pages.InFlight;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class TrafficPagesTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Explore_WithoutCalls_SaysSo()
    {
        IRenderedComponent<ExplorePage> page = _console.Render<ExplorePage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("Nothing to show"));
    }

    [Fact]
    public async Task Explore_ByModel_LeadsToTheRequestsOfEach()
    {
        await StoreAsync(30);
        _console.Get<NavigationManager>().NavigateTo("/explore?metric=requests&by=model&range=1h&q=provider:openai&compare=previous");
        IRenderedComponent<ExplorePage> page = _console.Render<ExplorePage>();
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(2));
        Uri.UnescapeDataString(page.Find("tbody a").GetAttribute("href")!).ShouldBe("/requests?compare=previous&q=provider:openai model:gpt-4o");
        page.FindAll("thead th").Select(h => h.TextContent.Trim()).ShouldContain("Before");
        await page.FindAll("select").Single(s => s.GetAttribute("value") == "model").ChangeAsync(new() { Value = "key" });
        _console.Get<NavigationManager>().Uri.ShouldContain("by=key");
    }

    [Fact]
    public async Task Explore_WhenTheNextFigureCannotBeRead_KeepsTheOldOneUnderItsOwnName()
    {
        await StoreAsync(30);
        _console.Get<NavigationManager>().NavigateTo("/explore?metric=requests&by=model&range=1h");
        IRenderedComponent<ExplorePage> page = _console.Render<ExplorePage>();
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(2));
        string before = page.Find("tbody").TextContent;
        await _console.BreakDatabaseAsync();

        await page.Find("select[aria-label=Show]").ChangeAsync(new() { Value = "cost" });
        await page.Find("select[aria-label=by]").ChangeAsync(new() { Value = "provider" });

        await page.WaitForAssertionAsync(() => page.Find(".stale").TextContent.ShouldContain("Could not refresh"));
        page.Find("select[aria-label=Show]").GetAttribute("value").ShouldBe("cost");
        page.FindAll("thead th").Select(h => h.TextContent.Trim()).Take(2).ShouldBe(["model", "Requests"]);
        page.Find("tbody").TextContent.ShouldBe(before);
    }

    [Fact]
    public async Task Running_WithoutCalls_SaysSo()
    {
        IRenderedComponent<RunningPage> page = _console.Render<RunningPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("Nothing is running"));
    }

    [Fact]
    public async Task Overview_FiguresAndTables_LeadToTheirRequests()
    {
        await StoreAsync(30);
        IRenderedComponent<OverviewPage> page = _console.Render<OverviewPage>();
        await page.WaitForAssertionAsync(() => page.FindAll(".stat-name a").Count.ShouldBe(10));
        Uri.UnescapeDataString(page.FindAll(".stat-name a")[1].GetAttribute("href")!).ShouldBe("/requests?q=error:*");
        page.FindAll("#top-Model").Count.ShouldBe(1);
        Uri.UnescapeDataString(page.FindAll("td.lead a.name")[0].GetAttribute("href")!).ShouldStartWith("/requests?q=model:gpt-4o");
    }

    [Fact]
    public async Task Palette_ByName_FindsPagesModelsAndRequests()
    {
        await _console.SimulateAsync("alpha-chat");
        IRenderedComponent<CommandPalette> palette = _console.Render<CommandPalette>();
        await palette.InvokeAsync(palette.Instance.OnOpen);
        palette.FindAll("[role=option]").Count.ShouldBeGreaterThan(5);
        await palette.Find("input").InputAsync(new() { Value = "alpha" });
        palette.Find("[role=option]").TextContent.ShouldContain("alpha-chat");
        var id = Guid.NewGuid();
        await palette.Find("input").InputAsync(new() { Value = id.ToString() });
        await palette.Find("input").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });
        _console.Get<NavigationManager>().Uri.ShouldEndWith($"/requests?id={id:D}");
        await palette.InvokeAsync(() => palette.Instance.OnLetter("k"));
        _console.Get<NavigationManager>().Uri.ShouldEndWith("/keys");
    }

    private async Task StoreAsync(int count)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await _console.StoreAsync([.. Enumerable.Range(0, count).Select(i => UsageFixture.Record(i, now.AddSeconds(-60 - i)))]);
    }
}
