using AngleSharp.Dom;
using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Models;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Components.Pages.Providers;
using Gateway.Web.Components.Pages.Routing;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class OverNodesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_BackendWithoutNodes_IsThatOfThisNode()
    {
        var all = OverNodes.Of(Here with { State = "failing", Breaker = "open", Successes = 3, Failures = 2, InFlight = 1 });

        (all.IsUnwell, all.Attempts, all.Failures, all.InFlight).ShouldBe((true, 5, 2, 1));
        all.Unlike.ShouldBeEmpty();
    }

    [Fact]
    public void Of_SeveralNodes_AddsThemUpAndNamesThoseWhoseCircuitIsNotClosed()
    {
        var newest = new HealthFailure("upstream_timeout", Noon);
        var one = new NodeHealthView("one", Here with { Successes = 3, InFlight = 1, LastFailure = new HealthFailure("upstream_error", Noon.AddMinutes(-1)) });
        var two = new NodeHealthView("two", Here with { State = "failing", Breaker = "open", Failures = 5, InFlight = 2, LastFailure = newest });

        var all = OverNodes.Of(Here with { Nodes = [one, two] });

        (all.IsUnwell, all.Attempts, all.Failures, all.InFlight, all.LastFailure).ShouldBe((true, 8, 5, 3, newest));
        all.Unlike.ShouldHaveSingleItem().Node.ShouldBe("two");
    }

    [Fact]
    public async Task ModelsAndOverview_BackendThatFailsOnAnotherNode_SayWhereAndAddUp()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync();
        await console.SimulateAsync("m");
        ModelView model = (await console.Get<ModelAdministration>().ListAsync(TestContext.Current.CancellationToken)).Single();
        HealthView here = console.Get<HealthAdministration>().List().Single();
        HealthView all = here with
        {
            Nodes = [new NodeHealthView("one", here with { State = "ok", Successes = 3 }), new NodeHealthView("two", here with { State = "failing", Breaker = "open", Failures = 5, InFlight = 2 })],
        };

        IElement backend = console.Render<BackendTable>(p => p
            .Add(t => t.Model, model)
            .Add(t => t.Health, new Dictionary<string, HealthView> { [all.Backend] = all })).Find("tbody tr");
        IElement row = console.Render<BackendHealth>(p => p.Add(h => h.Backends, [all])).Find("tbody tr");

        backend.TextContent.ShouldContain("circuit open on two");
        // On phones each child of a cell is a line of its own.
        IElement calls = backend.QuerySelector("td[data-label=Calls]")!.Children.ShouldHaveSingleItem();
        string.Join(' ', calls.Children.Select(c => c.TextContent)).ShouldBe("8 · 5 failed");
        row.QuerySelector(".dot")!.ClassList.ShouldContain("bad");
        row.QuerySelectorAll("td").Select(c => c.TextContent).Skip(1).Take(3).ShouldBe(["2", "8", "5"]);
    }

    [Fact]
    public async Task ProvidersAndRoutes_BackendThatFailsOnAnotherNode_SayWhereAndAddUp()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync();
        await console.SimulateAsync("m");
        ProviderView provider = (await console.Get<ProviderAdministration>().ListAsync(TestContext.Current.CancellationToken)).Single();
        HealthView here = console.Get<HealthAdministration>().List().Single();
        var health = new Dictionary<string, HealthView>
        {
            [here.Backend] = here with { Nodes = [new NodeHealthView("two", here with { State = "failing", Breaker = "open", Successes = 3, Failures = 1 })] },
        };

        IRenderedComponent<ProviderCard> card = console.Render<ProviderCard>(p => p.Add(c => c.Provider, provider).Add(c => c.Health, health));
        IRenderedComponent<ChainStep> step = console.Render<ChainStep>(p => p
            .Add(s => s.Step, new StepForm { Kind = StepTarget.Model, Target = "m" })
            .Add(s => s.Health, health));
        IRenderedComponent<ChainStep> judged = console.Render<ChainStep>(p => p
            .Add(s => s.Step, new StepForm { Kind = StepTarget.Model, Target = "m" })
            .Add(s => s.Verdicts, [new(console.Get<GatewayCatalog>().Current.Backends[here.Backend], 1, true, "")])
            .Add(s => s.Health, health));

        card.Find(".provider-serves").TextContent.ShouldContain("Circuit open on two");
        card.Find("dd[title]").TextContent.ShouldBe($"4 · {console.Get<Show>().Percent(0.75)} answered");
        step.Find(".flow-backends").TextContent.ShouldContain("circuit open on two");
        judged.Find(".flow-backends").TextContent.ShouldContain("Circuit open on two");
    }

    private static HealthView Here => new() { Backend = "b", Provider = "p", UpstreamModel = "m", State = "ok", Breaker = "closed" };
}
