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

        page.WaitForAssertion(() => page.Find(".empty").TextContent.ShouldContain("There is no such route"));
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
    public void Step_ArrowDown_MovesItSaysSoAndMarksWhatIsNotSaved()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll(".badge.warn").ShouldBeEmpty();
        page.FindAll("[data-reorder]")[0].KeyDown("ArrowDown");
        Order(page).ShouldBe(["beta", "alpha", "simulated"]);
        page.Find(".flow [role=status]").TextContent.ShouldBe("alpha is now step 2 of 3.");
        page.Find(".card-head .badge.warn").TextContent.ShouldBe("unsaved changes");
        page.FindAll(".step .badge.warn").Count.ShouldBe(2, "the third stands where it stood");
        page.FindAll("[data-reorder]")[0].KeyDown("ArrowUp");
        Order(page).ShouldBe(["beta", "alpha", "simulated"], "there is nothing above the first");
    }

    [Fact]
    public void Step_DroppedOnAnother_TakesItsPlace()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll(".step")[2].DragStart();
        page.FindAll(".step")[0].DragOver();
        page.FindAll(".step")[0].ClassList.ShouldContain("over");
        page.FindAll(".step")[0].Drop();
        Order(page).ShouldBe(["simulated", "alpha", "beta"]);
        page.FindAll(".over, .dragged").ShouldBeEmpty();
    }

    [Fact]
    public void Step_Selected_OpensItsSettingsBesideIt()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.Find(".chain-settings h3").TextContent.ShouldBe("Route");
        page.FindAll("[data-reorder]")[1].Click();
        page.Find(".chain-settings h3").TextContent.ShouldBe("Step 2");
        page.FindAll("[data-reorder]").Select(h => h.GetAttribute("aria-expanded")).ShouldBe(["false", "true", "false"]);
        page.Find("#step-2-retries").Change("2");
        page.FindAll(".step")[1].TextContent.ShouldContain("up to 3 rounds");
        page.Find("button[aria-label='Move step 2 up']").Click();
        page.Find(".chain-settings h3").TextContent.ShouldBe("Step 1", "the selection goes with the step");
    }

    [Fact]
    public void Steps_AddedAndRemovedInTheDrawing_AreTakenBackByUndo()
    {
        IRenderedComponent<RoutePage> page = Open();
        IElement undo() => page.FindAll(".card-head button").Single(b => b.TextContent == "Undo");
        undo().HasAttribute("disabled").ShouldBeTrue();
        page.Find("button[aria-label='Add a step as number 2']").Click();
        Order(page).ShouldBe(["alpha", "simulated", "beta", "simulated"]);
        page.Find(".chain-settings h3").TextContent.ShouldBe("Step 2", "what was added is set next");
        page.Find("button[aria-label='Remove step 1']").Click();
        page.FindAll("[data-reorder]")[2].KeyDown("Delete");
        Order(page).ShouldBe(["simulated", "beta"]);
        undo().Click();
        undo().Click();
        Order(page).ShouldBe(["alpha", "simulated", "beta", "simulated"]);
        undo().Click();
        Order(page).ShouldBe(["alpha", "beta", "simulated"]);
        page.FindAll(".badge.warn").ShouldBeEmpty();
        undo().HasAttribute("disabled").ShouldBeTrue();
    }

    [Fact]
    public void Arrow_Selected_OffersWhenItMovesOn()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.Find(".flow-when").Click();
        page.FindAll(".chain-settings input[type=checkbox]")[0].Change(false);
        page.Find(".flow-when").TextContent.ShouldBe("moves on after timeout, connection, server error, invalid answer, authentication; not after rate limit");
        page.Find(".card-head .badge.warn").TextContent.ShouldBe("unsaved changes");
    }

    [Fact]
    public async Task Saved_KeepsOrderSettingsAndWhatHasNoField()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll("[data-reorder]")[0].KeyDown("ArrowDown");
        await page.Find("form").SubmitAsync();
        Gateway.Web.Administration.RouteView saved = (await _console.Get<RouteAdministration>().GetAsync(_id, Cancel)).Value!;
        saved.RetryOn.ShouldBeNull();
        saved.Steps.Select(s => (s.Provider, s.Model, s.UpstreamModel, s.Retries, s.IdleTimeoutMs)).ShouldBe(
            [(null, "beta", null, null, null), (null, "alpha", null, 0, 5000L), ("simulated", null, "gamma", null, null)]);
    }

    [Fact]
    public async Task Saved_WithAStepThatIsGone_MarksTheStep()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll("[data-reorder]")[1].Click();
        page.Find("#step-2-retries").Change("50");
        await page.Find("form").SubmitAsync();
        page.Find("[role=alert]").TextContent.ShouldContain("Retries are 0 to 10.");
        page.FindAll(".step.wrong").ShouldHaveSingleItem().TextContent.ShouldContain("beta");
    }

    [Fact]
    public void DryRun_OfWhatIsOnScreen_LightsUpTheWay()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll("[data-reorder]")[0].KeyDown("ArrowDown");
        Run(page);
        page.Find(".dry-run strong").TextContent.ShouldBe("Step 1 would serve it: beta on simulated.");
        page.FindAll(".step").Select(s => s.ClassList.Contains("serving")).ShouldBe([true, false, false]);
        page.FindAll(".step code").Select(c => c.TextContent).ShouldBe(["beta", "alpha", "gamma"]);
        page.FindAll(".flow-edge.lit").Count.ShouldBe(1);
        page.FindAll(".step")[0].TextContent.ShouldNotContain("score", Case.Insensitive, "a backend alone is compared with nothing");
        page.FindAll("[data-reorder]")[0].KeyDown("ArrowDown");
        page.FindAll(".lit, .dim, .serving").ShouldBeEmpty("what it showed is of the chain before");
    }

    [Fact]
    public async Task DryRun_PastWhatMayNotBeCalled_SaysWhyAndWhatServesInstead()
    {
        ModelView alpha = (await _console.Get<ModelAdministration>().ListAsync(Cancel)).Single(m => m.Name == "alpha");
        await _console.Get<ModelAdministration>().UpdateBackendAsync(alpha.Id, alpha.Backends[0].Id, new BackendChange { Draining = true }, Actor.System, Cancel);
        IRenderedComponent<RoutePage> page = Open();
        Run(page);
        page.Find(".dry-run strong").TextContent.ShouldBe("Step 2 would serve it: beta on simulated, since none of step 1 may be called now.");
        page.FindAll(".step")[0].TextContent.ShouldContain("not taken: it is being drained");
        page.FindAll(".flow-edge.lit").Count.ShouldBe(2);
    }

    [Fact]
    public void DryRun_OfARouteWithoutAName_IsMade()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.Find("#route-name").Change("");
        Run(page);
        page.Find(".dry-run strong").TextContent.ShouldBe("Step 1 would serve it: alpha on simulated.");
    }

    [Fact]
    public void DryRun_OfAStepThatIsGone_SaysWhatIsWrong()
    {
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll("[data-reorder]")[0].Click();
        page.Find("#step-1-target").Change("deleted");
        Run(page);
        page.Find(".dry-run .problems").TextContent.ShouldContain("deleted");
        page.FindAll(".serving").ShouldBeEmpty();
    }

    [Fact]
    public void Viewer_SeesTheDrawingAndItsSettings_AndChangesNothing()
    {
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<RoutePage> page = Open();
        page.FindAll(".flow-add, [aria-label^=Remove]").ShouldBeEmpty();
        page.FindAll("[draggable=true]").ShouldBeEmpty();
        page.FindAll("[data-reorder]")[0].KeyDown("ArrowDown");
        Order(page).ShouldBe(["alpha", "beta", "simulated"]);
        page.FindAll("[data-reorder]")[1].Click();
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

    private static void Run(IRenderedComponent<RoutePage> page) => page.FindAll(".dry-run button").Single(b => b.TextContent == "Dry run").Click();

    private static IEnumerable<string> Order(IRenderedComponent<RoutePage> page) => page.FindAll(".step .flow-head strong").Select(s => s.TextContent);
}
