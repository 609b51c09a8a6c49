using Bunit;
using Gateway.Web.Components.Controls;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class LoadedTests : BunitContext
{
    public LoadedTests()
    {
        DefaultWaitTimeout = Eventually.Limit;
        Services.AddScoped<Show>().AddSingleton(TimeProvider.System);
    }

    [Fact]
    public async Task Loaded_UntilTheDataAreThere_ShowsAPlaceholder()
    {
        var data = new TaskCompletionSource<string>();
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => data.Task);
        loaded.Find(".skeleton").ShouldNotBeNull();
        data.SetResult("here");
        await loaded.WaitForAssertionAsync(() => loaded.Find("b").TextContent.ShouldBe("here"));
    }

    [Fact]
    public async Task Loaded_WhenReadingFails_OffersToTryAgain()
    {
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => reads++ == 0 ? throw new TimeoutException() : Task.FromResult("again"));
        await loaded.WaitForAssertionAsync(() => loaded.Find("h2").TextContent.ShouldBe("This could not be read"));
        await loaded.ClickAsync("button");
        loaded.Find("b").TextContent.ShouldBe("again");
    }

    [Fact]
    public async Task Loaded_FailsLater_KeepsWhatIsOnScreenAndSaysThatItIsOld()
    {
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => reads++ == 0 ? Task.FromResult("first") : reads == 2 ? throw new TimeoutException() : Task.FromResult("third"));
        await loaded.InvokeAsync(loaded.Instance.RefreshAsync);
        loaded.Find("b").TextContent.ShouldBe("first");
        loaded.Find("[role=alert]").TextContent.ShouldContain("Could not refresh");
        await loaded.ClickAsync("button");
        loaded.Find("b").TextContent.ShouldBe("third");
        loaded.FindAll("[role=alert]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Loaded_SlowRefresh_SaysThatItReads()
    {
        var slow = new TaskCompletionSource<string>();
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => reads++ == 0 ? Task.FromResult("first") : slow.Task);
        Task refresh = loaded.InvokeAsync(loaded.Instance.RefreshAsync);
        await loaded.WaitForAssertionAsync(() => loaded.FindAll("[role=status]").Count.ShouldBe(1));
        loaded.Find("b").TextContent.ShouldBe("first");
        slow.SetResult("second");
        await refresh;
        loaded.FindAll("[role=status]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Loaded_NewerRead_WinsOverASlowOlderOne()
    {
        var slow = new TaskCompletionSource<string>();
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => reads++ == 0 ? slow.Task : Task.FromResult("newer"));
        await loaded.InvokeAsync(loaded.Instance.RefreshAsync);
        slow.SetResult("older");
        await loaded.WaitForAssertionAsync(() => loaded.Find("b").TextContent.ShouldBe("newer"));
    }

    [Fact]
    public async Task Loaded_InTwoSteps_ShowsTheFirstAtOnceAndLaterOnesComplete()
    {
        TaskCompletionSource<string> rest = new();
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => Task.FromResult($"{++reads}"), (text, _) => rest.Task);
        loaded.Find("b").TextContent.ShouldBe("1");
        rest.SetResult("1 whole");
        await loaded.WaitForAssertionAsync(() => loaded.Find("b").TextContent.ShouldBe("1 whole"));
        rest = new TaskCompletionSource<string>();
        Task refresh = loaded.InvokeAsync(loaded.Instance.RefreshAsync);
        reads.ShouldBe(2);
        loaded.Find("b").TextContent.ShouldBe("1 whole");
        rest.SetResult("2 whole");
        await refresh;
        loaded.Find("b").TextContent.ShouldBe("2 whole");
    }

    [Fact]
    public async Task Loaded_WhenTheRestFails_OffersToTryAgain()
    {
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(
            _ => Task.FromResult("begun"), (_, _) => reads++ == 0 ? throw new TimeoutException() : Task.FromResult("whole"));
        loaded.Find("h2").TextContent.ShouldBe("This could not be read");
        await loaded.ClickAsync("button");
        loaded.Find("b").TextContent.ShouldBe("whole");
    }

    [Fact]
    public async Task Loaded_AskedForMore_WhenItsPageIsLeft_ReadsNothing()
    {
        int reads = 0;
        IRenderedComponent<Loaded<string>> loaded = RenderLoaded(_ => Task.FromResult($"{++reads}"));
        Loaded<string> instance = loaded.Instance;
        await DisposeComponentsAsync();

        await instance.RefreshAsync();

        reads.ShouldBe(1);
    }

    private IRenderedComponent<Loaded<string>> RenderLoaded(Func<CancellationToken, Task<string>> from, Func<string, CancellationToken, Task<string>>? then = null) =>
        Render<Loaded<string>>(p => p.Add(l => l.From, from).Add(l => l.Then, then).Add(l => l.ChildContent, (string text) => $"<b>{text}</b>"));
}
