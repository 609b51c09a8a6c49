using AngleSharp.Dom;
using Bunit;
using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Routing;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class RouteEditorTests : IAsyncLifetime
{
    private readonly RouteForm _form = RouteForm.From(new RouteView
    {
        Id = "r",
        Name = "chain",
        Steps = [new RouteStepView { Model = "alpha", Retries = 0 }, new RouteStepView { Model = "beta" }, new RouteStepView { Provider = "simulated", UpstreamModel = "gamma" }],
    });

    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        await _console.SimulateAsync("alpha", "beta");
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void StepList_ArrowDownOnAHandle_MovesTheStepAndSaysSo()
    {
        IRenderedComponent<StepList> list = _console.Render<StepList>(p => p.Add(l => l.Form, _form));
        list.FindAll("[data-reorder]")[0].KeyDown("ArrowDown");
        _form.Steps.Select(s => s.Target).ShouldBe(["beta", "alpha", "simulated"]);
        list.Find("[role=status]").TextContent.ShouldBe("alpha is now step 2 of 3.");
    }

    [Fact]
    public void StepList_ArrowUpOnTheFirst_StaysWhereItIs()
    {
        IRenderedComponent<StepList> list = _console.Render<StepList>(p => p.Add(l => l.Form, _form));
        list.FindAll("[data-reorder]")[0].KeyDown("ArrowUp");
        _form.Steps.Select(s => s.Target).ShouldBe(["alpha", "beta", "simulated"]);
    }

    [Fact]
    public void StepList_DroppedOnAnother_TakesItsPlace()
    {
        IRenderedComponent<StepList> list = _console.Render<StepList>(p => p.Add(l => l.Form, _form));
        list.FindAll("[data-reorder]")[2].DragStart();
        list.FindAll(".step")[0].Drop();
        _form.Steps.Select(s => s.Target).ShouldBe(["simulated", "alpha", "beta"]);
    }

    [Fact]
    public void DryRun_OfWhatIsOnScreen_ListsTheBackendsInOrder()
    {
        _form.Move(_form.Steps[1], 0);
        IRenderedComponent<DryRun> dryRun = _console.Render<DryRun>(p => p.Add(d => d.Form, _form).Add(d => d.RouteId, "r"));
        dryRun.Find("button").Click();
        IReadOnlyList<IElement> steps = [.. dryRun.FindAll(".plan li")];
        steps.Select(s => s.QuerySelector("code")!.TextContent).ShouldBe(["beta", "alpha", "gamma"]);
        steps[1].TextContent.ShouldContain("tried once");
    }

    [Fact]
    public void DryRun_OfAStepThatIsGone_SaysWhatIsWrong()
    {
        _form.Steps[0].Target = "deleted";
        IRenderedComponent<DryRun> dryRun = _console.Render<DryRun>(p => p.Add(d => d.Form, _form).Add(d => d.RouteId, "r"));
        dryRun.Find("button").Click();
        dryRun.Find(".problems").TextContent.ShouldContain("deleted");
    }

    [Fact]
    public void RouteForm_ThereAndBack_KeepsEverything()
    {
        RouteChange change = _form.ToChange();
        change.RetryOn.Value.ShouldBeNull();
        change.Steps.Value!.Select(s => (s.Provider, s.Model, s.UpstreamModel, s.Retries)).ShouldBe(
            [(null, "alpha", null, 0), (null, "beta", null, null), ("simulated", null, "gamma", null)]);
    }
}
