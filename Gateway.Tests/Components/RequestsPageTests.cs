using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Components.Pages.Requests;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class RequestsPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Requests_FinishedCall_AppearsByItself()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No request yet"));
        _console.Get<LiveFeed>().Publish(Call("alpha", null));
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Find("tbody tr").TextContent.ShouldContain("alpha");
    }

    [Fact]
    public async Task Requests_FilteredByOutcome_LeavesOtherCallsOut()
    {
        _console.Get<NavigationManager>().NavigateTo("/requests?outcome=error");
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("Nothing matches these filters"));
        _console.Get<LiveFeed>().Publish(Call("fine", null));
        _console.Get<LiveFeed>().Publish(Call("broken", "upstream_timeout"));
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Find("tbody tr").TextContent.ShouldContain("broken");
    }

    [Fact]
    public async Task Requests_Chosen_OpensItsDrawerAndPutsItIntoTheAddress()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        UsageRecord call = Call("alpha", null);
        _console.Get<LiveFeed>().Publish(call);
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        await page.Find(".row-open").ClickAsync();
        _console.Get<NavigationManager>().Uri.ShouldEndWith($"/requests?id={call.Id:D}");
        await page.WaitForAssertionAsync(() => page.Find("aside h2").TextContent.ShouldBe("alpha"));
    }

    [Fact]
    public async Task Requests_Paused_CountsWhatWaits()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No request yet"));
        await page.Find(".page-actions button").ClickAsync();
        _console.Get<LiveFeed>().Publish(Call("alpha", null));
        await page.WaitForAssertionAsync(() => page.Find(".page-actions button").TextContent.ShouldContain("1 new"));
        page.FindAll("tbody tr").ShouldBeEmpty();
    }

    [Fact]
    public async Task Requests_AFullPage_LeadsToOlderOnes()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        UsageRecord[] calls = [.. Enumerable.Range(0, 50).Select(_ => Call("alpha", null))];
        foreach (UsageRecord call in calls)
        {
            _console.Get<LiveFeed>().Publish(call);
        }
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(50));
        page.Find(".pager a").GetAttribute("href").ShouldStartWith("/requests?before=");
    }

    private static UsageRecord Call(string model, string? error) => new()
    {
        Id = Guid.CreateVersion7(),
        RequestId = Guid.NewGuid().ToString("N"),
        StartedAt = TimeProvider.System.GetUtcNow(),
        RequestedModel = model,
        Status = error is null ? 200 : 504,
        ErrorKind = error,
        Admitted = true,
        Usage = new Usage(UsageSource.Reported, 1, 0, 0, 1, 0),
    };
}
