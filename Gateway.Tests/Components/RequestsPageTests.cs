using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Requests;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
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
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No request in this span"));
        _console.Get<LiveFeed>().Publish(Call("alpha", null));
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Find("tbody tr").TextContent.ShouldContain("alpha");
    }

    [Fact]
    public async Task Requests_FilteredByOutcome_LeavesOtherCallsOut()
    {
        _console.Get<NavigationManager>().NavigateTo("/requests?q=error:*");
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
        await page.ClickAsync(".row-open");
        _console.Get<NavigationManager>().Uri.ShouldEndWith($"/requests?id={call.Id:D}");
        await page.WaitForAssertionAsync(() => page.Find("aside h2").TextContent.ShouldBe("alpha"));
    }

    [Fact]
    public async Task Requests_Refused_SaysWhyAndLeadsToWhatRefusedIt()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        _console.Get<LiveFeed>().Publish(Call("alpha", "budget_exhausted"));
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        await page.ClickAsync(".row-open");

        await page.WaitForAssertionAsync(() => page.Find("aside .problems").TextContent.ShouldContain("budget exhausted"));
        page.Find("aside .problems a").GetAttribute("href").ShouldBe("/budgets");
        page.Find("aside .problems").TextContent.ShouldMatch(@"\sSee the budgets$");
    }

    // What stays in the browser would call a page that is gone, with every key that is pressed.
    [Fact]
    public async Task Requests_LeftBeforeTheBrowserListens_LeavesNoListenerThere()
    {
        var browser = new SlowBrowser();
        await using ConsoleContext console = await ConsoleContext.CreateAsync(s => s.AddSingleton<IJSRuntime>(browser));
        console.Render<RequestsPage>();
        await console.DisposeComponentsAsync();
        var listener = new Listener();

        browser.Listening.SetResult(listener);

        await Eventually.TrueAsync(() => listener.Calls.Contains("dispose"));
    }

    private sealed class SlowBrowser : IJSRuntime
    {
        public TaskCompletionSource<IJSObjectReference> Listening { get; } = new();

        public async ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TValue>(string identifier, object?[]? args) =>
            identifier == "consolePage.shortcuts" ? (TValue)await Listening.Task
            : typeof(TValue) == typeof(IJSObjectReference) ? (TValue)(IJSObjectReference)new Listener() : default!;

        public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            InvokeAsync<TValue>(identifier, args);
    }

    private sealed class Listener : IJSObjectReference
    {
        public ConcurrentQueue<string> Calls { get; } = new();

        public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TValue>(string identifier, object?[]? args)
        {
            Calls.Enqueue(identifier);
            return default;
        }

        public ValueTask<TValue> InvokeAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            InvokeAsync<TValue>(identifier, args);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Requests_Paused_CountsWhatWaits()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No request in this span"));
        await page.ClickAsync("[data-tail]");
        _console.Get<LiveFeed>().Publish(Call("alpha", null));
        await page.WaitForAssertionAsync(() => page.Find(".pill").TextContent.ShouldContain("1 new"));
        page.FindAll("tbody tr").ShouldBeEmpty();
        await page.ClickAsync(".pill");
        page.FindAll("tbody tr").Count.ShouldBe(1);
        page.FindAll(".pill").ShouldBeEmpty();
    }

    [Fact]
    public async Task Requests_PausedForMoreThanWait_LeaveNoGap()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No request in this span"));
        await page.ClickAsync("[data-tail]");
        UsageRecord[] calls = [.. Enumerable.Range(0, 520).Select(i => Call("alpha", null, TimeSpan.FromSeconds(i - 600)))];
        await _console.StoreAsync(calls);
        foreach (UsageRecord call in calls)
        {
            _console.Get<LiveFeed>().Publish(call);
        }
        await page.WaitForAssertionAsync(() => page.Find(".pill").TextContent.ShouldContain("500+ new"));

        await page.ClickAsync(".pill");

        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(50));
        page.FindAll(".pill").ShouldBeEmpty();
        for (int pages = 1; pages <= 10; pages++)
        {
            await page.InvokeAsync(page.Instance.OnEndAsync);
        }
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(520));
    }

    [Fact]
    public async Task Requests_MoreAtOnceThanArePushed_SayHowManyAreNotShown()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No request in this span"));
        UsageRecord call = Call("alpha", null);
        // As long as this holds the renderer the page takes one bundle at most, and 1,000 more can wait.
        await page.InvokeAsync(() =>
        {
            for (int i = 0; i < 3_000; i++)
            {
                _console.Get<LiveFeed>().Publish(call);
            }
        });
        await page.WaitForAssertionAsync(() => page.Find("[data-not-shown]").TextContent.ShouldMatch("^[12],[0-9]{3} calls not shown$"));

        await page.ClickAsync("[data-not-shown]");

        await page.WaitForAssertionAsync(() => page.FindAll("[data-not-shown]").ShouldBeEmpty());
    }

    [Fact]
    public async Task Requests_MoreThanAPage_AreReadAsOneScrolls()
    {
        await _console.StoreAsync([.. Enumerable.Range(0, 120).Select(i => Call("alpha", null, TimeSpan.FromSeconds(-i)))]);
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(50));
        await page.ClickAsync(".pager button");
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(100));
        await page.InvokeAsync(page.Instance.OnEndAsync);
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(120));
        page.Find(".pager").TextContent.ShouldContain("No older ones");
    }

    [Fact]
    public async Task QueryBar_AndFields_AreOneAndTheSame()
    {
        await _console.SimulateAsync("alpha", "beta");
        _console.Get<NavigationManager>().NavigateTo("/requests?q=model:alpha%20-error:*");
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        page.Find("select[aria-label=Model]").GetAttribute("value").ShouldBe("alpha");
        page.Find("select[aria-label=Outcome]").GetAttribute("value").ShouldBe("-*");
        await page.ChangeAsync("select[aria-label=Model]", "beta");
        page.Find("input[data-focus=filter]").GetAttribute("value").ShouldBe("-error:* model:beta");
        await page.ChangeAsync("input[data-focus=filter]", "status:5xx nonsense:1");
        Uri.UnescapeDataString(_console.Get<NavigationManager>().Uri).ShouldEndWith("/requests?q=status:5xx nonsense:1");
        page.Find(".query-bar [role=alert]").TextContent.ShouldContain("There is no field \"nonsense\"");
        page.Find("select[aria-label=Model]").GetAttribute("value").ShouldBe("");
    }

    [Fact]
    public async Task Columns_Chosen_AreShownAndInTheAddress()
    {
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        _console.Get<LiveFeed>().Publish(Call("alpha", null));
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.FindAll("thead th").Select(h => h.TextContent).ShouldNotContain("Route");
        await page.InvokeAsync(() => page.FindAll(".menu-panel .check").Single(c => c.TextContent == "Route").QuerySelector("input")!.ChangeAsync(new() { Value = true }));
        page.FindAll("thead th").Select(h => h.TextContent).ShouldContain("Route");
        _console.Get<NavigationManager>().Uri.ShouldContain("columns=");
    }

    [Fact]
    public async Task Drawer_Tabs_SayWhatWasNotRecorded()
    {
        UsageRecord call = Call("alpha", null);
        await _console.StoreAsync(call);
        _console.Get<NavigationManager>().NavigateTo($"/requests?id={call.Id:D}&tab=messages");
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find("aside .empty h2").TextContent.ShouldBe("What was said was not recorded"));
        await page.PressAsync("Raw", "[role=tab]");
        page.Find("aside pre").TextContent.ShouldContain($"\"request_id\": \"{call.RequestId}\"");
        _console.Get<NavigationManager>().Uri.ShouldEndWith("tab=raw");
    }

    [Fact]
    public async Task Drawer_Headers_SayWhatIsKnownAndThatNoneWereKept()
    {
        UsageRecord call = Call("alpha", null);
        (call.Provider, call.BackendId, call.Attempts) = ("openai", "b1", [new AttemptRecord("openai", "b1", "alpha", null, 1, 2, 3, 200, null)]);
        await _console.StoreAsync(call);
        _console.Get<NavigationManager>().NavigateTo($"/requests?id={call.Id:D}&tab=headers");
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find("#tab-panel").TextContent.ShouldContain("headers were not kept"));
        page.Find("[aria-labelledby=headers-answered]").TextContent.ShouldContain("x-gateway-provideropenai");
    }

    [Fact]
    public async Task Requests_OfATeamsKey_NameTheTeam()
    {
        var team = (await _console.Get<TeamAdministration>().CreateAsync(new TeamChange { Name = "search" }, Actor.System, Xunit.TestContext.Current.CancellationToken)).Value!;
        IssuedKey key = (await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "k", Team = team.Id }, Actor.System, Xunit.TestContext.Current.CancellationToken)).Value!;
        UsageRecord call = Call("alpha", null);
        (call.KeyId, call.KeyName) = (key.ApiKey.Id, "k");
        await _console.StoreAsync(call);
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find("td[data-label=Key]").TextContent.ShouldContain("search"));
        await page.InvokeAsync(() => page.FindAll(".menu-panel .check").Single(c => c.TextContent == "Team").QuerySelector("input")!.ChangeAsync(new() { Value = true }));
        page.Find("td[data-label=Team]").TextContent.Trim().ShouldBe("search");
    }

    [Fact]
    public async Task Request_WhenTheDatabaseIsAway_SaysSoBesideThePage()
    {
        UsageRecord call = Call("alpha", null);
        await _console.StoreAsync(call);
        await _console.BreakDatabaseAsync();
        _console.Get<NavigationManager>().NavigateTo($"/requests?id={call.Id:D}");
        IRenderedComponent<RequestsPage> page = _console.Render<RequestsPage>();
        await page.WaitForAssertionAsync(() => page.Find("aside h2").TextContent.ShouldBe("This request could not be read"));
        await _console.MendDatabaseAsync();
        await page.ClickAsync("aside button");
        await page.WaitForAssertionAsync(() => page.Find("aside h2").TextContent.ShouldBe("alpha"));
    }

    private static UsageRecord Call(string model, string? error, TimeSpan age = default) => new()
    {
        Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow() + age),
        RequestId = Guid.NewGuid().ToString("N"),
        StartedAt = TimeProvider.System.GetUtcNow() + age,
        Path = "/v1/chat/completions",
        RequestedModel = model,
        Model = model,
        Status = error is null ? 200 : 504,
        ErrorKind = error,
        Admitted = true,
        Usage = new Usage(UsageSource.Reported, 1, 0, 0, 1, 0),
    };
}
