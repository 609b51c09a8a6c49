using AngleSharp.Dom;
using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Routing;
using Gateway.Web.Security;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class RouteEditorTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;
    private string _id = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        await _console.SimulateAsync("alpha", "beta");
        var chain = new RouteChange
        {
            Name = "chain",
            Steps = new([new RouteStepView { Model = "alpha", Retries = 0, IdleTimeoutMs = 5000 }, new RouteStepView { Model = "beta" }, new RouteStepView { Provider = "simulated", UpstreamModel = "gamma" }]),
        };
        _id = (await _console.Get<RouteAdministration>().CreateAsync(chain, Actor.System, Cancel)).Value!.Id;
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Routes_WithABackendsStep_NameItAndNotItsId()
    {
        Backend backend = _console.Get<GatewayCatalog>().Current.Backends.Values.First();
        await _console.Get<RouteAdministration>().CreateAsync(new RouteChange { Name = "of-a-backend", Steps = new RouteStepView[] { new() { Backend = backend.Id } } }, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<RoutesPage> page = _console.Render<RoutesPage>();
        page.WaitForAssertion(() => page.Find("article[aria-label=of-a-backend] .chain-step strong").TextContent.ShouldBe($"{backend.Provider.Name} · {backend.UpstreamModel}"));
    }

    [Fact]
    public void NewRoute_ForAViewer_IsNone()
    {
        _console.Person.SetPolicies(ConsolePolicies.Viewer);

        IRenderedComponent<RoutePage> page = _console.Render<RoutePage>(p => p.Add(r => r.Id, "new"));

        page.WaitForAssertion(() => page.Find(".empty").TextContent.ShouldContain("Routes are added by operators"));
    }

    [Fact]
    public void Drawing_OfAChain_IsAnOrderedListFromTheRequestToTheError()
    {
        IRenderedComponent<RoutePage> page = Open();
        Order(page).ShouldBe(["alpha", "beta", "simulated"]);
        page.Find("ol.flow-steps").GetAttribute("aria-label").ShouldBe("Steps of the chain");
        page.FindAll(".flow-end").Select(e => e.QuerySelector(".flow-head")!.TextContent).ShouldBe(["A request names chain", "Error to the client"]);
        page.FindAll(".flow-when").Select(e => e.TextContent).Distinct().ShouldBe(["moves on after any failure"]);
        IReadOnlyList<IElement> steps = page.FindAll(".step");
        steps[0].TextContent.ShouldContain("tried once");
        steps[0].QuerySelector(".flow-backends")!.TextContent.ShouldContain("not called yet");
        steps[1].TextContent.ShouldContain("up to 4 rounds, 1 s between");
        steps[2].TextContent.ShouldContain("calls gamma there");
    }

    [Fact]
    public async Task Step_ArrowDown_MovesItSaysSoAndMarksWhatIsNotSaved()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll(".badge.warn").ShouldBeEmpty();
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].KeyDownAsync("ArrowDown"));
        Order(page).ShouldBe(["beta", "alpha", "simulated"]);
        page.Find(".flow [role=status]").TextContent.ShouldBe("alpha is now step 2 of 3.");
        page.Find(".card-head .badge.warn").TextContent.ShouldBe("unsaved changes");
        page.FindAll(".step .badge.warn").Count.ShouldBe(2, "the third stands where it stood");
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].KeyDownAsync("ArrowUp"));
        Order(page).ShouldBe(["beta", "alpha", "simulated"], "there is nothing above the first");
    }

    [Fact]
    public async Task Step_DroppedOnAnother_TakesItsPlace()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.InvokeAsync(() => page.FindAll(".step")[2].DragStartAsync());
        page.FindAll(".step")[0].DragOver();
        page.FindAll(".step")[0].ClassList.ShouldContain("over");
        await page.InvokeAsync(() => page.FindAll(".step")[0].DropAsync());
        Order(page).ShouldBe(["simulated", "alpha", "beta"]);
        page.FindAll(".over, .dragged").ShouldBeEmpty();
    }

    [Fact]
    public async Task Step_Selected_OpensItsSettingsBesideIt()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.Find(".chain-settings h3").TextContent.ShouldBe("Route");
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[1].ClickAsync());
        page.Find(".chain-settings h3").TextContent.ShouldBe("Step 2");
        page.FindAll("[data-reorder]").Select(h => h.GetAttribute("aria-expanded")).ShouldBe(["false", "true", "false"]);
        await page.ChangeAsync("#step-2-retries", "2");
        page.FindAll(".step")[1].TextContent.ShouldContain("up to 3 rounds");
        await page.ClickAsync("button[aria-label='Move step 2 up']");
        page.Find(".chain-settings h3").TextContent.ShouldBe("Step 1", "the selection goes with the step");
    }

    [Fact]
    public async Task Steps_AddedAndRemovedInTheDrawing_AreTakenBackByUndo()
    {
        IRenderedComponent<RoutePage> page = Open();
        IElement undo() => page.FindAll(".card-head button").Single(b => b.TextContent == "Undo");
        undo().HasAttribute("disabled").ShouldBeTrue();
        await page.ClickAsync("button[aria-label='Add a step as number 2']");
        Order(page).ShouldBe(["alpha", "simulated", "beta", "simulated"]);
        page.Find(".chain-settings h3").TextContent.ShouldBe("Step 2", "what was added is set next");
        await page.ClickAsync("button[aria-label='Remove step 1']");
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[2].KeyDownAsync("Delete"));
        Order(page).ShouldBe(["simulated", "beta"]);
        await page.PressAsync("Undo", ".card-head button");
        await page.PressAsync("Undo", ".card-head button");
        Order(page).ShouldBe(["alpha", "simulated", "beta", "simulated"]);
        await page.PressAsync("Undo", ".card-head button");
        Order(page).ShouldBe(["alpha", "beta", "simulated"]);
        page.FindAll(".badge.warn").ShouldBeEmpty();
        undo().HasAttribute("disabled").ShouldBeTrue();
    }

    [Fact]
    public async Task Arrow_Selected_OffersWhenItMovesOn()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.ClickAsync(".flow-when");
        await page.InvokeAsync(() => page.FindAll(".chain-settings input[type=checkbox]")[0].ChangeAsync(false));
        page.Find(".flow-when").TextContent.ShouldBe("moves on after timeout, connection, server error, invalid answer, authentication; not after rate limit");
        page.Find(".card-head .badge.warn").TextContent.ShouldBe("unsaved changes");
    }

    [Fact]
    public async Task Saved_KeepsOrderSettingsAndWhatHasNoField()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].KeyDownAsync("ArrowDown"));
        await page.SubmitAsync("form");
        Gateway.Web.Administration.RouteView saved = (await _console.Get<RouteAdministration>().GetAsync(_id, Cancel)).Value!;
        saved.RetryOn.ShouldBeNull();
        saved.Steps.Select(s => (s.Provider, s.Model, s.UpstreamModel, s.Retries, s.IdleTimeoutMs)).ShouldBe(
            [(null, "beta", null, null, null), (null, "alpha", null, 0, 5000L), ("simulated", null, "gamma", null, null)]);
    }

    [Fact]
    public async Task Saved_WithAStepThatCannotBe_MarksAndShowsTheStep()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[1].ClickAsync());
        await page.ChangeAsync("#step-2-retries", "50");
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].ClickAsync());
        await page.SubmitAsync("form");
        page.Find("[role=alert]").TextContent.Trim().ShouldBe("Step 2, Retries: Retries are 0 to 10.");
        page.Find("#step-2-retries");
        page.FindAll(".step.wrong").ShouldHaveSingleItem().TextContent.ShouldContain("beta");
    }

    [Fact]
    public async Task DryRun_OfWhatIsOnScreen_LightsUpTheWay()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].KeyDownAsync("ArrowDown"));
        await RunAsync(page);
        page.Find(".dry-run strong").TextContent.ShouldBe("Step 1 would serve it: beta on simulated.");
        page.FindAll(".step").Select(s => s.ClassList.Contains("serving")).ShouldBe([true, false, false]);
        page.FindAll(".step code").Select(c => c.TextContent).ShouldBe(["beta", "alpha", "gamma"]);
        page.FindAll(".flow-edge.lit").Count.ShouldBe(1);
        page.FindAll(".step")[0].TextContent.ShouldNotContain("score", Case.Insensitive, "a backend alone is compared with nothing");
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].KeyDownAsync("ArrowDown"));
        page.FindAll(".lit, .dim, .serving").ShouldBeEmpty("what it showed is of the chain before");
    }

    [Fact]
    public async Task DryRun_PastWhatMayNotBeCalled_SaysWhyAndWhatServesInstead()
    {
        ModelView alpha = (await _console.Get<ModelAdministration>().ListAsync(Cancel)).Single(m => m.Name == "alpha");
        await _console.Get<ModelAdministration>().UpdateBackendAsync(alpha.Id, alpha.Backends[0].Id, new BackendChange { Draining = true }, Actor.System, Cancel);
        IRenderedComponent<RoutePage> page = Open();
        await RunAsync(page);
        page.Find(".dry-run strong").TextContent.ShouldBe("Step 2 would serve it: beta on simulated, since none of step 1 may be called now.");
        page.FindAll(".step")[0].TextContent.ShouldContain("not taken: it is being drained");
        page.FindAll(".flow-edge.lit").Count.ShouldBe(2);
    }

    [Fact]
    public async Task DryRun_OfARouteWithoutAName_IsMade()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.ChangeAsync("#route-name", "");
        await RunAsync(page);
        page.Find(".dry-run strong").TextContent.ShouldBe("Step 1 would serve it: alpha on simulated.");
    }

    [Fact]
    public async Task DryRun_OfAStepThatIsGone_SaysWhatIsWrong()
    {
        IRenderedComponent<RoutePage> page = Open();
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].ClickAsync());
        await page.ChangeAsync("#step-1-target", "deleted");
        await RunAsync(page);
        page.Find(".dry-run .problems").TextContent.ShouldContain("deleted");
        page.FindAll(".serving").ShouldBeEmpty();
    }

    [Fact]
    public async Task Viewer_SeesTheDrawingAndItsSettings_AndChangesNothing()
    {
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll(".flow-add, [aria-label^=Remove]").ShouldBeEmpty();
        page.FindAll("[draggable=true]").ShouldBeEmpty();
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[0].KeyDownAsync("ArrowDown"));
        Order(page).ShouldBe(["alpha", "beta", "simulated"]);
        await page.InvokeAsync(() => page.FindAll("[data-reorder]")[1].ClickAsync());
        page.Find(".chain-settings").HasAttribute("disabled").ShouldBeTrue();
        page.Find("#step-2-retries");
        page.FindAll(".card-head button").ShouldBeEmpty();
    }

    [Fact]
    public void Route_ThatIsGone_SaysSo()
    {
        IRenderedComponent<RoutePage> page = _console.Render<RoutePage>(p => p.Add(r => r.Id, "gone"));
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("There is no such route"));
    }

    private IRenderedComponent<RoutePage> Open()
    {
        IRenderedComponent<RoutePage> page = _console.Render<RoutePage>(p => p.Add(r => r.Id, _id));
        page.WaitForAssertion(() => page.Find(".flow"));
        return page;
    }

    private static Task RunAsync(IRenderedComponent<RoutePage> page) => page.PressAsync("Dry run", ".dry-run button");

    private static IEnumerable<string> Order(IRenderedComponent<RoutePage> page) => page.FindAll(".step .flow-head strong").Select(s => s.TextContent);
}
