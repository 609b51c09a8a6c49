using Bunit;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Components;
using Gateway.Web.Components.Pages.Health;
using Gateway.Web.Health;
using Gateway.Web.Security;
using Gateway.Web.Storage.Rows;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class HealthPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Theory]
    [InlineData("slo", "No targets yet")]
    [InlineData("backends", "No backend yet")]
    [InlineData("alerts", "No rule yet")]
    [InlineData("incidents", "Nothing happened in this time")]
    public void Tab_WithoutAnything_SaysWhatItIsFor(string tab, string title)
    {
        IRenderedComponent<HealthPage> page = Open(tab);
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe(title));
        page.Find("nav a[aria-current]").GetAttribute("href")!.ShouldContain("tab=" + tab);
    }

    [Fact]
    public async Task Slo_WithoutCalls_ShowsNoFalseFigures()
    {
        await _console.SimulateAsync("m");
        (await Board.CreateAsync(new SloChange { Model = "m", ErrorRatePercent = 1.0, TtftP95Ms = 500.0 }, Actor.System, Cancel)).IsDone.ShouldBeTrue();
        IRenderedComponent<HealthPage> page = Open("slo");
        page.WaitForAssertion(() => page.FindAll("article").Count.ShouldBe(1));
        AngleSharp.Dom.IElement card = page.Find("article");
        card.TextContent.ShouldContain("no traffic");
        card.TextContent.ShouldContain("no calls yet");
        card.QuerySelectorAll("tbody td").ShouldAllBe(td => td.TextContent == "–");
    }

    [Fact]
    public async Task SloAndIncidents_LeftOpen_FollowByThemselves()
    {
        var time = new HandTime(TimeSpan.FromSeconds(30));
        await using ConsoleContext open = await ConsoleContext.CreateAsync(s => s.AddSingleton<TimeProvider>(time));
        await open.SimulateAsync("m");
        IRenderedComponent<SloPanel> slo = open.Render<SloPanel>();
        slo.WaitForElement(".empty");
        IRenderedComponent<IncidentsPanel> incidents = open.Render<IncidentsPanel>(p => p.Add(i => i.Range, TimeRange.Parse("1h", null, null, time.GetUtcNow())));
        incidents.WaitForElement(".happenings li");
        int before = incidents.FindAll(".happenings li").Count;
        (await open.Get<SloBoard>().CreateAsync(new SloChange { Model = "m", ErrorRatePercent = 1.0 }, Actor.System, Cancel)).IsDone.ShouldBeTrue();
        await HappenAsync(time.GetUtcNow(), EventKinds.DatabaseLost, "database", open);

        time.Tick();

        slo.WaitForElement("article");
        incidents.WaitForAssertion(() => incidents.FindAll(".happenings li").Count.ShouldBeGreaterThan(before));
    }

    [Fact]
    public async Task SloDialog_FilledIn_SetsTheTargets()
    {
        await _console.SimulateAsync("m");
        IRenderedComponent<SloDialog> dialog = _console.Render<SloDialog>();
        await dialog.ChangeAsync("#slo-model", _console.Get<GatewayCatalog>().Current.Definition.Models[0].Id);
        await dialog.ChangeAsync("#slo-errors", "");
        await dialog.SubmitAsync("form");
        dialog.Find("[role=alert]").TextContent.ShouldContain("Set one of the targets");
        await dialog.ChangeAsync("#slo-errors", "0.5");
        await dialog.ChangeAsync("#slo-window", "7");
        await dialog.SubmitAsync("form");
        SloView slo = (await Board.ListAsync(Cancel)).ShouldHaveSingleItem();
        (slo.Model, slo.ErrorRatePercent, slo.WindowDays).ShouldBe(("m", 0.5, 7));
    }

    [Fact]
    public async Task SloDialog_FromThePage_OffersModelsWithoutTargets()
    {
        await _console.SimulateAsync("m", "other");
        string taken = _console.Get<GatewayCatalog>().Current.Definition.Models.Single(m => m.Name == "m").Id;
        (await Board.CreateAsync(new SloChange { Model = taken, ErrorRatePercent = 1.0 }, Actor.System, Cancel)).IsDone.ShouldBeTrue();
        IRenderedComponent<RadzenDialog> dialogs = _console.Render<RadzenDialog>();
        IRenderedComponent<HealthPage> page = Open("slo");
        await page.WaitForElementAsync("article.slo");
        // Which ends when the dialog is closed.
        _ = page.PressAsync("Set targets");

        await dialogs.WaitForAssertionAsync(() => dialogs.FindAll("#slo-model option").Select(o => o.TextContent).ShouldBe(["choose a model", "other"]));
    }

    [Fact]
    public async Task Backends_WithAPast_ShowItAsAStripInWords()
    {
        await _console.SimulateAsync("m");
        Backend backend = _console.Get<GatewayCatalog>().Current.Backends.Values.Single();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await HappenAsync(now.AddHours(-2), EventKinds.NodeStart, "here");
        await HappenAsync(now.AddMinutes(-30), EventKinds.CircuitOpen, backend.Id);
        await HappenAsync(now.AddMinutes(-20), EventKinds.CircuitClosed, backend.Id);
        backend.State.Breaker.SetAside((long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds, TimeSpan.FromHours(1));
        IRenderedComponent<HealthPage> page = Open("backends");
        page.WaitForAssertion(() => page.FindAll(".state-strip rect").Count.ShouldBe(3));
        page.Find(".state-strip").GetAttribute("aria-label").ShouldBe("Not well: circuit open 10 min");
        await page.PressAsync("Close circuit");
        page.WaitForAssertion(() => page.FindAll("button").ShouldContain(b => b.TextContent == "Set aside"));
        backend.State.Breaker.StateAt(0).ShouldBe(BreakerState.Closed);
        (await _console.Get<AuditLog>().ListAsync(new AuditQuery(Action: "health.close"), Cancel)).ShouldHaveSingleItem().Actor.ShouldContain("ada");
    }

    [Fact]
    public async Task Alerts_ForAViewer_OfferNoChange()
    {
        await _console.Get<AlertAdministration>().CreateAsync(new AlertRuleChange { Name = "errors", Metric = "error_rate_percent", Threshold = 5.0 }, Actor.System, Cancel);
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<HealthPage> page = Open("alerts");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Find("tbody tr").TextContent.ShouldContain("Failed calls of the whole gateway over 5 min at 5% or more");
        page.FindAll("button").ShouldBeEmpty();
    }

    [Fact]
    public async Task Deleting_WhileTheDatabaseIsAway_SaysSoAndDeletesNothing()
    {
        await _console.SimulateAsync("m");
        AlertAdministration rules = _console.Get<AlertAdministration>();
        AlertChannels channels = _console.Get<AlertChannels>();
        string rule = (await rules.CreateAsync(new AlertRuleChange { Name = "errors", Metric = "error_rate_percent", Threshold = 5.0 }, Actor.System, Cancel)).Value!.Id;
        string channel = (await channels.CreateAsync(new AlertChannelChange { Name = "mail", Type = "email", Host = "mail.example.com", From = "a@example.com", To = new(["b@example.com"]) }, Actor.System, Cancel)).Value?.Id ?? "none";
        string slo = (await Board.CreateAsync(new SloChange { Model = "m", ErrorRatePercent = 1.0 }, Actor.System, Cancel)).Value!.Id;
        await _console.BreakDatabaseAsync();

        (await rules.DeleteAsync(rule, Actor.System, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Unavailable);
        (await channels.DeleteAsync(channel, Actor.System, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Unavailable);
        (await channels.TestAsync(channel, Actor.System, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Unavailable);
        (await Board.DeleteAsync(slo, Actor.System, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Unavailable);

        await _console.MendDatabaseAsync();
        (await rules.ListAsync(Cancel)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task BudgetRule_OfNoneInParticular_IsSaidToBeOfAnyBudget()
    {
        await _console.Get<AlertAdministration>().CreateAsync(new AlertRuleChange { Name = "money", Metric = "budget_used_percent", Threshold = 80.0 }, Actor.System, Cancel);
        IRenderedComponent<HealthPage> page = Open("alerts");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Find("tbody tr").TextContent.ShouldContain("Budget used of any budget at 80% or more");
    }

    [Fact]
    public async Task Backends_OfAModelAndOfARoutesStep_SayWhoseTheyAre()
    {
        await _console.SimulateAsync("public");
        await _console.Get<RouteAdministration>().CreateAsync(
            new RouteChange { Name = "cheap", Steps = new([new RouteStepView { Provider = "simulated", UpstreamModel = "public" }]) }, Actor.System, Cancel);
        IRenderedComponent<HealthPage> page = Open("backends");
        page.WaitForAssertion(() => page.FindAll("article h2").Count.ShouldBe(2));
        page.FindAll("article h2").Count(h => h.TextContent.Contains("of the route cheap, step 1", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task RuleDialog_OfAnotherMetric_AsksForWhatItNeeds()
    {
        await _console.SimulateAsync("m");
        IRenderedComponent<AlertRuleDialog> dialog = _console.Render<AlertRuleDialog>();
        dialog.FindAll("#rule-window").Count.ShouldBe(1);
        await dialog.ChangeAsync("#rule-name", "circuits");
        await dialog.ChangeAsync("#rule-metric", "open_circuits");
        dialog.FindAll("#rule-window").ShouldBeEmpty();
        await dialog.ChangeAsync("#rule-scope", "model");
        await dialog.SubmitAsync("form");
        dialog.Find("[role=alert]").TextContent.ShouldContain("There is no model");
        await dialog.ChangeAsync("#rule-of", _console.Get<GatewayCatalog>().Current.Definition.Models[0].Id);
        await dialog.SubmitAsync("form");
        AlertRuleView rule = (await _console.Get<AlertAdministration>().ListAsync(Cancel)).ShouldHaveSingleItem();
        (rule.Metric, rule.OfName, rule.Threshold, rule.State).ShouldBe(("open_circuits", "m", 1, "quiet"));
    }

    [Fact]
    public async Task ChannelDialog_Edited_KeepsWhatIsSecret()
    {
        _console.Options = new() { AllowedNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")] };
        AlertChannels channels = _console.Get<AlertChannels>();
        AlertChannelView made = (await channels.CreateAsync(
            new AlertChannelChange { Name = "hook", Type = "webhook", Url = "http://127.0.0.1:9/geheim", Secret = "s3cret" }, Actor.System, Cancel)).Value!;
        IRenderedComponent<AlertChannelDialog> dialog = _console.Render<AlertChannelDialog>(p => p.Add(d => d.Channel, made));
        dialog.Markup.ShouldNotContain("geheim");
        await dialog.ChangeAsync("#channel-name", "renamed");
        await dialog.SubmitAsync("form");
        AlertChannelView saved = (await channels.ListAsync(Cancel)).ShouldHaveSingleItem();
        (saved.Name, saved.Origin, saved.HasSecret).ShouldBe(("renamed", "http://127.0.0.1:9", true));
    }

    [Fact]
    public async Task Incidents_Written_ShowsTheDraft()
    {
        await HappenAsync(TimeProvider.System.GetUtcNow().AddMinutes(-5), EventKinds.DatabaseLost, "database");
        IRenderedComponent<HealthPage> page = Open("incidents");
        page.WaitForAssertion(() => page.FindAll(".happenings li").Count.ShouldBe(1));
        await page.PressAsync("Write incident");
        page.WaitForAssertion(() => page.Find(".incident-text").TextContent.ShouldContain("The database cannot be reached"));
    }

    private SloBoard Board => _console.Get<SloBoard>();

    private IRenderedComponent<HealthPage> Open(string tab)
    {
        _console.Services.GetRequiredService<NavigationManager>().NavigateTo(ConsoleUrls.Health(tab));
        return _console.Render<HealthPage>();
    }

    private async Task HappenAsync(DateTimeOffset at, string kind, string subject, ConsoleContext? console = null)
    {
        await using Gateway.Web.Storage.GatewayDbContext context = await (console ?? _console).Get<AdministrationDatabase>().OpenAsync(Cancel);
        context.OperationEvents.Add(new OperationEventRow { Id = Guid.CreateVersion7(at).ToString("N"), At = at, Node = "here", Kind = kind, SubjectId = subject, SubjectName = subject });
        await context.SaveChangesAsync(Cancel);
    }
}
