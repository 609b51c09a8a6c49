using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Components;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Keys;
using Gateway.Web.Components.Pages.Models;
using Gateway.Web.Components.Pages.Providers;
using Gateway.Web.Components.Pages.Requests;
using Gateway.Web.Components.Pages.Routing;
using Gateway.Web.Configuration;
using Gateway.Web.Security;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Retention;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class ListPageTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public void Models_WithoutAny_SaysWhatToDo()
    {
        IRenderedComponent<ModelsPage> page = _console.Render<ModelsPage>();
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("No model yet"));
        page.FindAll(".empty button").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Models_WithBackends_ShowsSharesAndPrices()
    {
        await _console.SimulateAsync("alpha");
        await _console.Get<ModelAdministration>().CreateAsync(
            new ModelChange
            {
                Name = "beta",
                Aliases = new string[] { "second" },
                Backends = new BackendChange[] { new() { Provider = "simulated", Weight = 3 }, new() { Url = "http://127.0.0.1:1/v1", UpstreamModel = "no-such-model", Weight = 1 } },
            },
            Actor.System,
            TestContext.Current.CancellationToken);
        IRenderedComponent<ModelsPage> page = _console.Render<ModelsPage>();
        page.WaitForAssertion(() => page.FindAll("article").Count.ShouldBe(2));
        string beta = page.Find("article[aria-label=beta]").TextContent;
        beta.ShouldContain("second");
        beta.ShouldContain("75.0%");
        beta.ShouldContain("free");
        beta.ShouldContain("unknown");
    }

    [Fact]
    public async Task Models_ForAViewer_OfferNoChange()
    {
        await _console.SimulateAsync("alpha");
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<ModelsPage> page = _console.Render<ModelsPage>();
        page.WaitForAssertion(() => page.FindAll("article").Count.ShouldBe(1));
        page.FindAll("button[aria-label^=Edit], button[aria-label^=Delete]").ShouldBeEmpty();
        page.FindAll(".page-actions button").ShouldBeEmpty();
        // The playground is for operators.
        page.FindAll("a[href*='/playground']").ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_ForAViewer_CannotBeSelected()
    {
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "app" }, Actor.System, TestContext.Current.CancellationToken);
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.FindAll("input[type=checkbox]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Providers_WithACredential_ShowsItsLabelOnly()
    {
        var change = new ProviderChange
        {
            Name = "upstream",
            Kind = "openai-compatible",
            BaseUrl = "https://api.example.com",
            Credentials = new CredentialChange[] { new() { Label = "team-a", Secret = "sk-very-secret" } },
        };
        await _console.Get<ProviderAdministration>().CreateAsync(change, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<ProvidersPage> page = _console.Render<ProvidersPage>();
        page.WaitForAssertion(() => page.Markup.ShouldContain("team-a"));
        page.Markup.ShouldNotContain("sk-very-secret");
    }

    [Fact]
    public async Task Keys_Revoked_AreToldApart()
    {
        AdministrationResult<IssuedKey> issued = await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "old" }, Actor.System, TestContext.Current.CancellationToken);
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "new", RpmLimit = 0, TpmLimit = 500 }, Actor.System, TestContext.Current.CancellationToken);
        await _console.Get<KeyAdministration>().RevokeAsync(issued.Value!.ApiKey.Id, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(2));
        string fresh = page.FindAll("tbody tr").Single(r => r.TextContent.Contains("new", StringComparison.Ordinal)).TextContent;
        fresh.ShouldContain("active");
        fresh.ShouldContain("∞");
        fresh.ShouldContain("500");
        page.FindAll("tbody tr").Single(r => r.TextContent.Contains("old", StringComparison.Ordinal)).TextContent.ShouldContain("revoked");
        page.Markup.ShouldNotContain(issued.Value.Key);
    }

    [Fact]
    public async Task Keys_UsedOnAnotherNodeOrBeforeTheStart_AreNotSaidToBeUnused()
    {
        string used = await IssueAsync("used");
        string revoked = await IssueAsync("revoked");
        await IssueAsync("unused");
        await _console.StoreAsync(Call(used, 2), Call(revoked, 3));
        await _console.Get<KeyAdministration>().RevokeAsync(revoked, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(3));
        LastUse(page, "unused").ShouldBe("never");
        LastUse(page, "used").ShouldBe("2 h ago");
        LastUse(page, "revoked").ShouldBe("3 h ago");
        (await _console.Get<KeyAdministration>().GetAsync(used, TestContext.Current.CancellationToken)).Value!.LastUsedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Keys_ShowWhatTheyCostThisMonth_AndHowFarTheirBudgetIsUsed()
    {
        string used = await IssueAsync("used");
        await IssueAsync("unused");
        (await _console.Get<BudgetAdministration>().CreateAsync(
            new BudgetChange { Name = "b", Scope = "key", Of = used, AmountUsd = NanoUsd.FromDollars(2m) }, Actor.System, TestContext.Current.CancellationToken)).IsDone.ShouldBeTrue();
        UsageRecord call = Call(used, 0);
        (call.Admitted, call.Cost) = (true, NanoUsd.FromDollars(0.5m));
        await _console.StoreAsync(call);
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(2));
        page.FindAll("[data-label='This month']").Select(c => c.TextContent.Trim()).ShouldBe(["–", "$0.500"]);
        page.FindAll(".key-budget").ShouldHaveSingleItem().GetAttribute("title")!.ShouldEndWith("of $2.00 spent");
    }

    [Fact]
    public async Task Keys_OlderThanTheCallsThatAreKept_AreNotSaidToBeNeverUsed()
    {
        await using ConsoleContext console = await ConsoleContext.CreateAsync(s => s.AddSingleton(new RetentionSettings(90, 0, 0)));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        KeyView Key(string name, DateTimeOffset created) => new() { Id = name, Name = name, KeyPrefix = "ml-", Active = true, CreatedAt = created };
        console.Render<KeyRow>(p => p.Add(r => r.Key, Key("old", now.AddDays(-91)))).Find("[data-label='Last used']").TextContent.ShouldBe("not in the last 90 days");
        console.Render<KeyRow>(p => p.Add(r => r.Key, Key("young", now.AddDays(-89)))).Find("[data-label='Last used']").TextContent.ShouldBe("never");
    }

    [Fact]
    public async Task Keys_OfATeamThatIsOff_AreNotSaidToBeActive()
    {
        AdministrationResult<TeamView> team = await _console.Get<TeamAdministration>().CreateAsync(new TeamChange { Name = "search" }, Actor.System, TestContext.Current.CancellationToken);
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "mine", Team = "search" }, Actor.System, TestContext.Current.CancellationToken);
        await _console.Get<TeamAdministration>().UpdateAsync(team.Value!.Id, new TeamChange { Active = false }, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.Find("tbody .badge").TextContent.ShouldBe("team off"));
        page.FindAll("tbody .badge.good").ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_Found_SelectedAndSwitchedOffTogether()
    {
        var keys = _console.Get<KeyAdministration>();
        foreach (string name in new[] { "search-1", "search-2", "billing" })
        {
            await keys.CreateAsync(new KeyChange { Name = name }, Actor.System, TestContext.Current.CancellationToken);
        }
        _console.Get<NavigationManager>().NavigateTo("/keys?find=search");
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(2));
        page.FindAll(".bulk").ShouldBeEmpty();

        await page.ChangeAsync("input[aria-label='Select search-1']", true);
        await page.PressAsync("Select all 2", ".bulk button");
        page.WaitForAssertion(() => page.Find(".bulk").TextContent.ShouldContain("2 selected"));
        await page.PressAsync("Switch off", ".bulk button");

        page.WaitForAssertion(() => page.FindAll("tbody .badge").Select(b => b.TextContent).ShouldBe(["off", "off"]));
        (await keys.ListAsync(TestContext.Current.CancellationToken)).Single(k => k.Name == "billing").Active.ShouldBeTrue();
        page.FindAll(".bulk").ShouldBeEmpty();
    }

    [Fact]
    public async Task Keys_RotatedWithAnOverlap_SayUntilWhenTheOldTextIsGood()
    {
        var keys = _console.Get<KeyAdministration>();
        IssuedKey issued = (await keys.CreateAsync(new KeyChange { Name = "k" }, Actor.System, TestContext.Current.CancellationToken)).Value!;
        IssuedKey rotated = (await keys.RotateAsync(issued.ApiKey.Id, new KeyRotation { OverlapSeconds = 3600 }, Actor.System, TestContext.Current.CancellationToken)).Value!;

        _console.Render<IssuedKeyDialog>(p => p.Add(d => d.Issued, issued)).Markup.ShouldNotContain("old text");
        _console.Render<IssuedKeyDialog>(p => p.Add(d => d.Issued, rotated)).Markup.ShouldContain("The old text is good until 20");
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.Find("tbody .states").TextContent.ShouldContain("two texts until "));
    }

    [Fact]
    public void Keys_OfWhichThereAreMany_AreShownPageByPageAndFoundOnAll()
    {
        Declare(120);
        IRenderedComponent<KeysPage> page = _console.Render<KeysPage>();
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(50));
        page.Find(".pager").TextContent.ShouldContain("1–50 of 120");
        page.Find(".pager a").GetAttribute("href").ShouldBe("/keys?page=2");
        _console.Get<NavigationManager>().NavigateTo("/keys?page=3");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(20));
        _console.Get<NavigationManager>().NavigateTo("/keys?find=key-119");
        page.WaitForAssertion(() => page.FindAll("tbody tr").Count.ShouldBe(1));
        page.FindAll(".pager").ShouldBeEmpty();
    }

    [Fact]
    public async Task Filters_OverManyKeys_OfferThoseThatFitWhatIsTyped()
    {
        Declare(RequestFilters.MostOptions + 1);
        IRenderedComponent<RequestFilters> filters = _console.Render<RequestFilters>(p => p.Add(f => f.Text, RequestText.Empty));
        filters.FindAll("option").Count(o => o.GetAttribute("value")!.StartsWith("key-", StringComparison.Ordinal)).ShouldBe(0);
        await filters.InputAsync("input[aria-label=Key]", "key-20");
        filters.FindAll("datalist option").Select(o => o.GetAttribute("value")).ShouldBe(["key-20", "key-200"]);
    }

    [Fact]
    public void Filters_WhileCallsComeIn_AreNotDrawnAgain()
    {
        IRenderedComponent<RequestFilters> filters = _console.Render<RequestFilters>(p => p.Add(f => f.Text, RequestText.Empty));
        int drawn = filters.RenderCount;
        filters.Render(p => p.Add(f => f.Text, RequestText.Empty));
        filters.RenderCount.ShouldBe(drawn);
        Declare(1);
        filters.Render(p => p.Add(f => f.Text, RequestText.Empty));
        filters.FindAll("option").ShouldContain(o => o.GetAttribute("value") == "key-0");
    }

    [Fact]
    public async Task Models_SearchInTheAddress_IsKept()
    {
        await _console.SimulateAsync("alpha", "beta");
        _console.Get<NavigationManager>().NavigateTo("/models?find=bet");
        IRenderedComponent<ModelsPage> page = _console.Render<ModelsPage>();
        page.WaitForAssertion(() => page.FindAll("article").Count.ShouldBe(1));
        await page.ChangeAsync("input[type=search]", "alp");
        _console.Get<NavigationManager>().Uri.ShouldEndWith("/models?find=alp");
        page.WaitForAssertion(() => page.Find("article").GetAttribute("aria-label").ShouldBe("alpha"));
    }

    [Fact]
    public async Task Range_ThatIsNone_SaysWhyInsteadOfShowingAnother()
    {
        TimeRange? chosen = null;
        IRenderedComponent<RangePicker> picker = _console.Render<RangePicker>(p => p.Add(r => r.Value, TimeRange.Parse("1h", null, null, TimeProvider.System.GetUtcNow())).Add(r => r.ValueChanged, r => chosen = r));
        await picker.PressAsync("Custom");
        await picker.ChangeAsync("#range-from", "2025-01-01T00:00:00");
        await picker.ChangeAsync("#range-to", "2026-02-05T00:00:00");
        await picker.SubmitAsync("form");
        picker.Find("[role=alert]").TextContent.ShouldContain("at most 366 days; this is 400");
        await picker.ChangeAsync("#range-to", "2025-01-01T00:00:00");
        await picker.SubmitAsync("form");
        picker.Find("[role=alert]").TextContent.ShouldContain("are the same");
        chosen.ShouldBeNull();
        await picker.ChangeAsync("#range-to", "2025-01-02T00:00:00");
        await picker.SubmitAsync("form");
        chosen!.Length.ShouldBe(TimeSpan.FromDays(1));
    }

    [Fact]
    public void Routes_WithoutAny_SaysWhatTheyAreFor()
    {
        IRenderedComponent<RoutesPage> page = _console.Render<RoutesPage>();
        page.WaitForAssertion(() => page.Find(".empty h2").TextContent.ShouldBe("No route yet"));
    }

    private static UsageRecord Call(string key, int hoursAgo) =>
        new() { Id = Guid.CreateVersion7(), RequestId = key, StartedAt = TimeProvider.System.GetUtcNow().AddHours(-hoursAgo), KeyId = key, Path = "/v1/chat/completions", Status = 200 };

    private static string LastUse(IRenderedComponent<KeysPage> page, string name) =>
        page.FindAll("tbody tr").Single(r => r.QuerySelector(".name")!.TextContent == name).QuerySelector("[data-label='Last used']")!.TextContent;

    private void Declare(int keys) => _console.Get<CatalogSources>().ReplaceFile(
        new CatalogDefinition { Keys = [.. Enumerable.Range(0, keys).Select(i => new ApiKeyDefinition { Id = $"id-{i}", Name = $"key-{i}", Prefix = "ml-", Hash = KeyHash.OfKey($"ml-{i}"), Source = EntrySource.File })] },
        ProviderWeights.None).ShouldBeEmpty();

    private async Task<string> IssueAsync(string name) =>
        (await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = name }, Actor.System, TestContext.Current.CancellationToken)).Value!.ApiKey.Id;
}
