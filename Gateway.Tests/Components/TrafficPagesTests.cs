using System.Security.Claims;
using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Alerts;
using Gateway.Web.Components;
using Gateway.Web.Components.Layout;
using Gateway.Web.Components.Pages.Explore;
using Gateway.Web.Components.Pages.InFlight;
using Gateway.Web.Components.Pages.Models;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Radzen.Blazor;
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
        await page.InvokeAsync(() => page.FindAll("select").Single(s => s.GetAttribute("value") == "model").ChangeAsync(new() { Value = "key" }));
        _console.Get<NavigationManager>().Uri.ShouldContain("by=key");
    }

    [Fact]
    public async Task Explore_ComparedWithBefore_CountsForTheOthersWhoeverIsNotShownByItself()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DateTimeOffset before = now.AddMinutes(-90);
        await _console.StoreAsync(
        [
            .. Enumerable.Range(0, 7).SelectMany(key => Calls($"key-{key}", 10 - key, now.AddMinutes(-1))),
            .. Calls("key-0", 1, before), .. Calls("key-5", 3, before), .. Calls("gone", 2, before),
        ]);
        _console.Get<NavigationManager>().NavigateTo("/explore?metric=requests&by=key&top=5&range=1h&compare=previous");
        IRenderedComponent<ExplorePage> page = _console.Render<ExplorePage>();
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(6));
        page.FindAll("td[data-label=Before]").Select(c => c.TextContent).ShouldBe(["1", "–", "–", "–", "–", "5"]);

        static IEnumerable<UsageRecord> Calls(string key, int count, DateTimeOffset at) => Enumerable.Range(1, count).Select(i =>
        {
            UsageRecord record = UsageFixture.Record(i, at);
            record.KeyId = key;
            return record;
        });
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

        await page.ChangeAsync("select[aria-label=Show]", "cost");
        await page.ChangeAsync("select[aria-label=by]", "provider");

        await page.WaitForAssertionAsync(() => page.Find(".stale").TextContent.ShouldContain("Could not refresh"));
        page.Find("select[aria-label=Show]").GetAttribute("value").ShouldBe("cost");
        page.FindAll("thead th").Select(h => h.TextContent.Trim()).Take(2).ShouldBe(["Model", "Requests"]);
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
    public async Task Overview_NamesTheAlertsThatFire()
    {
        await StoreAsync(1);
        AlertAdministration rules = _console.Get<AlertAdministration>();
        await rules.CreateAsync(new AlertRuleChange { Name = "quiet", Metric = "error_rate_percent", Threshold = 5 }, Actor.System, Xunit.TestContext.Current.CancellationToken);
        string rule = (await rules.CreateAsync(new AlertRuleChange { Name = "errors", Metric = "error_rate_percent", Threshold = 5, Severity = "critical" }, Actor.System, Xunit.TestContext.Current.CancellationToken)).Value!.Id;
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await using (GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Xunit.TestContext.Current.CancellationToken))
        {
            string state = AdministrationJson.Serialize(new AlertState(AlertPhase.Firing, now, Value: 50, Text: "1 of 2 calls failed"));
            context.Documents.Add(new DocumentRow { Id = "1", Kind = AlertState.Kind, Owner = "", Name = rule, BodyJson = state, CreatedAt = now, UpdatedAt = now });
            await context.SaveChangesAsync(Xunit.TestContext.Current.CancellationToken);
        }

        IRenderedComponent<OverviewPage> page = _console.Render<OverviewPage>();

        await page.WaitForAssertionAsync(() => page.FindAll(".firing").ShouldHaveSingleItem().TextContent.ShouldMatch("^errors fires since .*: 50% \\(1 of 2 calls failed\\)$"));
        page.Find(".firing a").GetAttribute("href").ShouldBe("/operations?tab=alerts");
        page.FindAll(".firing.critical").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("6h", false)]
    [InlineData("90d", true)]
    public async Task Overview_OfALongSpan_HasItsCourseFromTheReadingOfItsFigures(string preset, bool atOnce)
    {
        await StoreAsync(30);
        TimeRange range = TimeRange.Parse(preset, null, null, TimeProvider.System.GetUtcNow());
        var query = new UsageQuery { From = range.From, To = range.To, Interval = UsageQuery.IntervalFor(range.Length) };
        OverviewReader reader = _console.Get<OverviewReader>();
        OverviewData figures = await reader.ReadAsync(new RequestFilter { Range = range }, query, Xunit.TestContext.Current.CancellationToken);
        (figures.Series is not null).ShouldBe(atOnce);
        Course course = (await reader.CompleteAsync(figures, query, Xunit.TestContext.Current.CancellationToken)).Course!;
        course.Buckets.Sum(b => b.Figures.Requests).ShouldBe(30);
        course.Buckets.Sum(b => b.Figures.Cost.Value).ShouldBe(figures.Now.Cost.Value);
        figures.Models.Sum(m => m.Figures.Requests).ShouldBe(30);
    }

    [Fact]
    public async Task Palette_ByName_FindsPagesModelsAndRequests()
    {
        await _console.SimulateAsync("alpha-chat");
        IRenderedComponent<CommandPalette> palette = _console.Render<CommandPalette>();
        await palette.InvokeAsync(palette.Instance.OnOpenAsync);
        palette.FindAll("[role=option]").Count.ShouldBeGreaterThan(5);
        await palette.InputAsync("input", "alpha");
        palette.Find("[role=option]").TextContent.ShouldContain("alpha-chat");
        var id = Guid.NewGuid();
        await palette.InputAsync("input", id.ToString());
        await palette.KeyDownAsync("input", "Enter");
        _console.Get<NavigationManager>().Uri.ShouldEndWith($"/requests?id={id:D}");
        await palette.InvokeAsync(() => palette.Instance.OnLetter("k"));
        _console.Get<NavigationManager>().Uri.ShouldEndWith("/keys");
    }

    [Theory]
    [InlineData("alert", "/operations?tab=alerts")]
    [InlineData("limit", "/budgets")]
    [InlineData("import", "/configuration/transfer")]
    [InlineData("retention", "/settings?tab=content")]
    [InlineData("audit", "/settings/audit")]
    public async Task Palette_OfAPartOfAPage_LeadsThere(string text, string to)
    {
        IRenderedComponent<CommandPalette> palette = _console.Render<CommandPalette>();
        await palette.InvokeAsync(palette.Instance.OnOpenAsync);
        await palette.InputAsync("input", text);
        await palette.KeyDownAsync("input", "Enter");
        _console.Get<NavigationManager>().Uri.ShouldEndWith(to);
    }

    [Theory]
    [InlineData("/explore?range=7d&q=model:m&compare=previous", "r", "/requests?range=7d&compare=previous&q=model:m")]
    [InlineData("/requests?range=24h&q=error:*", "h", "/operations?range=24h")]
    [InlineData("/operations?tab=backends&range=6h", "l", "/ledger?range=6h")]
    [InlineData("/requests?range=24h", "v", "/configuration")]
    [InlineData("/requests?range=24h", "a", "/protocol-lab")]
    [InlineData("/keys?find=x", "o", "/")]
    public async Task Letter_ToAPage_TakesRangeAndQueryAlong(string from, string letter, string to)
    {
        _console.Get<NavigationManager>().NavigateTo(from);
        IRenderedComponent<CommandPalette> palette = _console.Render<CommandPalette>();
        IRenderedComponent<SideNav> menu = _console.Render<SideNav>();
        string? link = menu.FindAll("a").Select(a => a.GetAttribute("href")!).Single(h => h.Split('?')[0] == to.Split('?')[0]);
        await palette.InvokeAsync(() => palette.Instance.OnLetter(letter));
        Uri.UnescapeDataString(new Uri(_console.Get<NavigationManager>().Uri).PathAndQuery).ShouldBe(to);
        Uri.UnescapeDataString(link).ShouldBe(to);
    }

    [Fact]
    public async Task MenuAndPalette_OfATeamsOperator_OfferNothingThatIsNotTheirs()
    {
        TeamAdministration teams = _console.Get<TeamAdministration>();
        string ours = (await teams.CreateAsync(new TeamChange { Name = "team-ours" }, Actor.System, Xunit.TestContext.Current.CancellationToken)).Value!.Id;
        await teams.CreateAsync(new TeamChange { Name = "team-theirs" }, Actor.System, Xunit.TestContext.Current.CancellationToken);
        foreach (string of in (string[])["team-ours", "team-theirs"])
        {
            await _console.Get<BudgetAdministration>().CreateAsync(new BudgetChange { Name = $"budget of {of}", Scope = "team", Of = of, AmountUsd = NanoUsd.FromDollars(1) }, Actor.System, Xunit.TestContext.Current.CancellationToken);
        }
        _console.Person.SetPolicies(ConsolePolicies.Viewer, ConsolePolicies.TeamOperator);
        _console.Person.SetClaims(new Claim(ClaimTypes.Role, ConsoleRoles.TeamOperator), new Claim("team", ours));

        _console.Render<SideNav>().FindAll("a[href^='/playground']").ShouldBeEmpty();
        IRenderedComponent<CommandPalette> palette = _console.Render<CommandPalette>();
        await palette.InvokeAsync(palette.Instance.OnOpenAsync);
        await palette.InputAsync("input", "team-");
        palette.FindAll("[role=option] .grow").Select(o => o.TextContent).ShouldBe(["team-ours", "budget of team-ours"]);
        await palette.InputAsync("input", "audit");
        palette.FindAll("[role=option]").ShouldBeEmpty();
        await palette.InputAsync("input", "playgro");
        palette.FindAll("[role=option]").ShouldBeEmpty();
        palette.FindAll(".sheet dd").Select(d => d.TextContent).ShouldNotContain("Playground");
        string before = _console.Get<NavigationManager>().Uri;
        await palette.InvokeAsync(() => palette.Instance.OnLetter("c"));
        _console.Get<NavigationManager>().Uri.ShouldBe(before);
    }

    [Fact]
    public async Task Palette_OfAModelAndABudget_LeadsToTheirForms()
    {
        await _console.SimulateAsync("alpha-chat");
        await _console.Get<BudgetAdministration>().CreateAsync(new BudgetChange { Name = "alpha-budget", Scope = "gateway", AmountUsd = NanoUsd.FromDollars(1) }, Actor.System, Xunit.TestContext.Current.CancellationToken);
        CatalogDefinition catalog = _console.Get<GatewayCatalog>().Current.Definition;
        await GoAsync("alpha-chat");
        _console.Get<NavigationManager>().Uri.ShouldEndWith($"/models?edit={catalog.Models[0].Id}");
        await GoAsync("alpha-budget");
        _console.Get<NavigationManager>().Uri.ShouldEndWith($"/budgets/{catalog.Budgets[0].Id}");

        async Task GoAsync(string name)
        {
            IRenderedComponent<CommandPalette> palette = _console.Render<CommandPalette>();
            await palette.InvokeAsync(palette.Instance.OnOpenAsync);
            await palette.InputAsync("input", name);
            await palette.KeyDownAsync("input", "Enter");
        }
    }

    [Fact]
    public async Task Models_WithOneToEdit_OpenItsForm()
    {
        await _console.SimulateAsync("alpha-chat", "beta-chat");
        string beta = _console.Get<GatewayCatalog>().Current.Definition.Models.Single(m => m.Name == "beta-chat").Id;
        _console.Get<NavigationManager>().NavigateTo($"/models?edit={beta}");
        IRenderedComponent<IComponent> page = _console.Render(b =>
        {
            b.OpenComponent<RadzenDialog>(0);
            b.CloseComponent();
            b.OpenComponent<ModelsPage>(1);
            b.CloseComponent();
        });
        await page.WaitForAssertionAsync(() => page.Find("#model-name").GetAttribute("value").ShouldBe("beta-chat"));
    }

    private async Task StoreAsync(int count)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await _console.StoreAsync([.. Enumerable.Range(0, count).Select(i => UsageFixture.Record(i, now.AddSeconds(-60 - i)))]);
    }
}
