using AngleSharp.Dom;
using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Keys;
using Gateway.Web.Components.Pages.Teams;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class TeamsPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void Teams_WithoutAny_SaysWhatTheyAreFor()
    {
        IRenderedComponent<TeamsPage> page = _console.Render<TeamsPage>();
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("No team yet"));
    }

    [Fact]
    public async Task Teams_WithKeysAndLimits_AreListedWithoutFalseZeros()
    {
        string team = await AddTeamAsync("search", "ada@example.com");
        await AddKeyAsync("k", team);
        await _console.Get<LimitAdministration>().SetAsync("team", team, new LimitChange { RpmLimit = 90, MaxParallel = 4 }, Actor.System, Cancel);
        await _console.Get<BudgetAdministration>().CreateAsync(new BudgetChange { Name = "b", Scope = "team", Of = "search", AmountUsd = NanoUsd.FromDollars(9) }, Actor.System, Cancel);
        IRenderedComponent<TeamsPage> page = _console.Render<TeamsPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        IElement row = page.Find("tbody tr");
        row.TextContent.ShouldContain("ada@example.com");
        row.TextContent.ShouldContain("1 key");
        row.TextContent.ShouldContain("90 rpm · 4 parallel");
        row.TextContent.ShouldContain("1 budget");
        row.QuerySelector("[data-label='This month']")!.TextContent.ShouldBe(Show.Nothing);
        row.QuerySelector("[data-label=Keys] a")!.GetAttribute("href").ShouldBe($"/keys?team={team}");
    }

    [Fact]
    public void Spend_PartlyUnknown_SaysSo()
    {
        TeamSpend.Of([]).ShouldBe(new TeamSpend(null, 0));
        TeamSpend.Of([new UsageSums { Requests = 2, UnknownCost = 2 }]).ShouldBe(new TeamSpend(null, 2));
        TeamSpend.Of([new UsageSums { Requests = 2, UnknownCost = 1, Cost = NanoUsd.FromDollars(3) }, new UsageSums { Requests = 1, Cost = NanoUsd.FromDollars(1) }])
            .ShouldBe(new TeamSpend(NanoUsd.FromDollars(4), 1));
    }

    [Fact]
    public async Task Teams_ForAViewer_OfferNoChange()
    {
        await AddTeamAsync("search");
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<TeamsPage> page = _console.Render<TeamsPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.FindAll("button").ShouldBeEmpty();
    }

    [Fact]
    public async Task Dialog_NameTaken_SaysSoAndKeepsTheForm()
    {
        await AddTeamAsync("search");
        IRenderedComponent<TeamDialog> dialog = _console.Render<TeamDialog>();
        await dialog.ChangeAsync("#team-name", "search");
        await dialog.SubmitAsync("form");
        dialog.Find("[role=alert]").TextContent.ShouldContain("There already is a team named");
        await dialog.ChangeAsync("#team-name", "billing");
        await dialog.ChangeAsync("#team-owners", "ada, bob");
        await dialog.SubmitAsync("form");
        _console.Get<TeamAdministration>().List().Single(t => t.Name == "billing").Owners.ShouldBe(["ada", "bob"]);
    }

    [Fact]
    public async Task Keys_OfATeam_CanBeShownAlone()
    {
        string search = await AddTeamAsync("search");
        string billing = await AddTeamAsync("billing");
        await AddKeyAsync("one", search);
        await AddKeyAsync("two", null);
        _console.Services.GetRequiredService<NavigationManager>().NavigateTo($"/keys?team={search}");
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.Find("tbody tr").TextContent.ShouldContain("one");
        page.Find("tbody tr [data-label=Team]").TextContent.ShouldContain("search");
        await page.ChangeAsync("select[aria-label=Team]", billing);
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("No key of this team"));
    }

    [Fact]
    public async Task KeyDialog_NewKeyWithABudget_IsIssuedWithIt()
    {
        IRenderedComponent<KeyDialog> dialog = _console.Render<KeyDialog>();
        await dialog.ChangeAsync("#key-name", "batch");
        await dialog.ChangeAsync("#key-budget", "-1");
        await dialog.SubmitAsync("form");
        dialog.Find(".problems, [role=alert]").TextContent.ShouldContain("An amount is 0 to");
        (await _console.Get<KeyAdministration>().ListAsync(Cancel)).ShouldBeEmpty();

        await dialog.ChangeAsync("#key-budget", "12.5");
        await dialog.ChangeAsync("#key-budget-period", "day");
        await dialog.SubmitAsync("form");

        KeyView key = (await _console.Get<KeyAdministration>().ListAsync(Cancel)).ShouldHaveSingleItem();
        BudgetView budget = _console.Get<BudgetAdministration>().List().ShouldHaveSingleItem();
        (budget.Scope, budget.Of, budget.AmountUsd, budget.Period).ShouldBe(("key", key.Id, NanoUsd.FromDollars(12.5m), "day"));
    }

    [Fact]
    public async Task KeyDialog_TeamOwnerAndProvider_AreSaved()
    {
        await _console.SimulateAsync("alpha");
        string team = await AddTeamAsync("search");
        KeyView key = await AddKeyAsync("k", null);
        IRenderedComponent<KeyDialog> dialog = _console.Render<KeyDialog>(p => p.Add(d => d.Key, key));
        await dialog.ChangeAsync("#key-team", team);
        await dialog.ChangeAsync("#key-owner", "ada@example.com");
        await dialog.ChangeAsync("#key-parallel", "2");
        await dialog.ChangeAsync("#key-provider", "simulated");
        await dialog.ChangeAsync("#key-networks", "203.0.113.0/24, 2001:db8::1");
        await dialog.ChangeAsync("#key-tags", "billing");
        dialog.FindAll("[aria-labelledby=key-endpoints] label").Select(l => l.TextContent.Trim()).ShouldBe(["chat", "embeddings", "reranking", "moderation", "images", "audio", "pass-through"]);
        foreach ((int place, bool chosen) in new[] { (2, true), (7, true), (6, true), (6, false) })
        {
            await dialog.ChangeAsync($"[aria-labelledby=key-endpoints] label:nth-child({place}) input", chosen);
        }
        await dialog.SubmitAsync("form");
        KeyView saved = (await _console.Get<KeyAdministration>().GetAsync(key.Id, Cancel)).Value!;
        (saved.Team, saved.Owner, saved.MaxParallel, saved.DefaultProvider).ShouldBe(("search", "ada@example.com", 2, "simulated"));
        saved.AllowedNetworks.ShouldBe(["203.0.113.0/24", "2001:db8::1"]);
        saved.AllowedEndpoints.ShouldBe(["embeddings", "pass_through"]);
        saved.Tags.ShouldBe(["billing"]);

        // Found by its tag, which leads to all that have it.
        _console.Get<NavigationManager>().NavigateTo("/keys?find=billing");
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        await page.WaitForAssertionAsync(() => page.Find("tbody .key-tags a").TextContent.ShouldBe("billing"));
        page.Find("tbody tr").TextContent.ShouldContain("from 203.0.113.0/24, 2001:db8::1");
        page.Find("tbody tr").TextContent.ShouldContain("for embeddings, pass-through");
    }

    [Fact]
    public async Task Policy_OfAKey_IsItsOwnItsTeamsAndTheGateways()
    {
        await _console.SimulateAsync("alpha", "beta", "gamma");
        AdministrationResult<TeamView> team = await _console.Get<TeamAdministration>().CreateAsync(new TeamChange { Name = "search", AllowedModels = new string[] { "alpha", "beta" } }, Actor.System, Cancel);
        KeyView key = await AddKeyAsync("k", team.Value!.Id, new KeyChange { AllowedModels = new string[] { "beta", "gamma" }, AllowedNetworks = new string[] { "203.0.113.0/24" }, AllowedEndpoints = new string[] { "chat", "rerank" }, RpmLimit = 7, TpmLimit = 0 });
        LimitAdministration limits = _console.Get<LimitAdministration>();
        await limits.SetAsync("team", "search", new LimitChange { MaxParallel = 3 }, Actor.System, Cancel);
        await limits.SetAsync("gateway", "", new LimitChange { TpmLimit = 5000 }, Actor.System, Cancel);
        await limits.SetAsync("model", "beta", new LimitChange { RpmLimit = 11 }, Actor.System, Cancel);
        await limits.SetAsync("model", "alpha", new LimitChange { RpmLimit = 12 }, Actor.System, Cancel);
        await _console.Get<BudgetAdministration>().CreateAsync(new BudgetChange { Name = "money", Scope = "team", Of = "search", AmountUsd = NanoUsd.FromDollars(9) }, Actor.System, Cancel);

        IRenderedComponent<KeyPolicyDialog> dialog = _console.Render<KeyPolicyDialog>(p => p.Add(d => d.KeyId, key.Id));
        dialog.FindAll(".badge code").Select(c => c.TextContent).ShouldBe(["beta", "203.0.113.0/24"]);
        dialog.FindAll("[aria-labelledby=policy-endpoints] .badge").Select(c => c.TextContent).ShouldBe(["chat", "reranking"]);
        dialog.FindAll("[aria-label='Limits that hold'] tbody tr").Select(r => string.Join(" ", r.Children.Select(c => c.TextContent)))
            .ShouldBe(["this key 7 ∞ ∞", "team search ∞ ∞ 3", "the whole gateway ∞ 5,000 ∞", "model beta 11 ∞ ∞"]);
        dialog.Find("[aria-label='Budgets that hold'] tbody tr").TextContent.ShouldContain("$9.00 of $9.00");

        await _console.Get<TeamAdministration>().UpdateAsync(team.Value.Id, new TeamChange { Active = false }, Actor.System, Cancel);
        _console.Render<KeyPolicyDialog>(p => p.Add(d => d.KeyId, key.Id)).Markup.ShouldContain("No call is accepted");
    }

    private async Task<string> AddTeamAsync(string name, params string[] owners) =>
        (await _console.Get<TeamAdministration>().CreateAsync(new TeamChange { Name = name, Owners = owners }, Actor.System, Cancel)).Value!.Id;

    private async Task<KeyView> AddKeyAsync(string name, string? team, KeyChange? change = null) =>
        (await _console.Get<KeyAdministration>().CreateAsync((change ?? new KeyChange()) with { Name = name, Team = team }, Actor.System, Cancel)).Value!.ApiKey;
}
