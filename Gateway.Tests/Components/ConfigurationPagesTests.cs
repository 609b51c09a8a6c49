using Bunit;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Components.Pages.Configuration;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class ConfigurationPagesTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task History_WithoutChanges_SaysWhatAVersionIs()
    {
        IRenderedComponent<HistoryPage> page = _console.Render<HistoryPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No change yet"));
    }

    [Fact]
    public async Task History_OfChanges_ShowsThemAndWhatOneChanged()
    {
        await _console.SimulateAsync("alpha", "beta");
        IRenderedComponent<HistoryPage> page = Version(null);
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBeGreaterThan(2));
        page.Find("tbody tr").TextContent.ShouldContain("current");
        page.FindAll("aside, .detail").ShouldBeEmpty();
        IRenderedComponent<HistoryPage> chosen = Version(Newest);
        await chosen.WaitForAssertionAsync(() => chosen.Find(".differences").TextContent.ShouldContain("beta"));
        chosen.Find(".differences .badge").TextContent.ShouldBe("created");
        chosen.FindAll("button").ShouldNotContain(b => b.TextContent.Contains("Go back to this version"), "it is the present one");
    }

    [Fact]
    public async Task History_GoneBack_ShowsFirstWhatThatChanges()
    {
        await _console.SimulateAsync("alpha", "beta");
        IRenderedComponent<HistoryPage> page = Version(Newest - 1);
        await page.WaitForAssertionAsync(() => page.Find(".detail .differences"));
        await page.InvokeAsync(() => page.FindAll(".detail button").Single(b => b.TextContent.Contains("Go back to this version")).ClickAsync());
        page.Find(".detail").TextContent.ShouldContain("Going back to version");
        page.Find(".differences .badge").TextContent.ShouldBe("removed");
        (await ModelsAsync()).ShouldBe(["alpha", "beta"], "nothing was done yet");
        await page.InvokeAsync(() => page.FindAll(".detail button").Single(b => b.TextContent.StartsWith("Go back to version", StringComparison.Ordinal)).ClickAsync());
        (await ModelsAsync()).ShouldBe(["alpha"]);
    }

    [Fact]
    public async Task History_OfJustOnePage_HasNoOlderOne()
    {
        await AddVersionsAsync(50);
        IRenderedComponent<HistoryPage> page = Version(null);
        await page.WaitForAssertionAsync(() => page.FindAll("tbody tr").Count.ShouldBe(50));
        Older(page).HasAttribute("disabled").ShouldBeTrue();

        await AddVersionsAsync(1);
        IRenderedComponent<HistoryPage> more = Version(null);
        await more.WaitForAssertionAsync(() => more.FindAll("tbody tr").Count.ShouldBe(50));
        await more.InvokeAsync(() => Older(more).ClickAsync());
        await more.WaitForAssertionAsync(() => more.FindAll("tbody tr").Count.ShouldBe(1));
        Older(more).HasAttribute("disabled").ShouldBeTrue();

        static AngleSharp.Dom.IElement Older(IRenderedComponent<HistoryPage> page) => page.FindAll(".pager button")[1];
    }

    [Fact]
    public async Task History_OfAVersionThatIsNotThere_SaysSo()
    {
        await _console.SimulateAsync("alpha");
        IRenderedComponent<HistoryPage> page = Version(4711);
        await page.WaitForAssertionAsync(() => page.Find(".detail [role=alert]").TextContent.ShouldContain("4711"));
    }

    [Fact]
    public async Task Drafts_WithoutAny_LeadToOne()
    {
        IRenderedComponent<DraftsPage> page = _console.Render<DraftsPage>();
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("No draft"));
        await page.ChangeAsync("#draft-name", "try");
        await page.SubmitAsync("form");
        (await _console.Get<ConfigDrafts>().ListAsync(Cancel)).ShouldHaveSingleItem().Name.ShouldBe("try");
        _console.Get<NavigationManager>().Uri.ShouldContain("/configuration/drafts/");
        IRenderedComponent<DraftsPage> again = _console.Render<DraftsPage>();
        await again.WaitForAssertionAsync(() => again.Find("tbody tr").TextContent.ShouldContain("ada"));
    }

    [Fact]
    public async Task Draft_Edited_ShowsItsProblemsThenWhatItChanges_ThenIsApplied()
    {
        await _console.SimulateAsync("alpha");
        IRenderedComponent<DraftPage> page = await DraftAsync();
        page.Markup.ShouldContain("Nothing: it is what is in force.");
        string yaml = page.Find("#draft-yaml").GetAttribute("value") ?? page.Find("#draft-yaml").TextContent;
        await page.ChangeAsync("#draft-yaml", yaml + "teams:\n  - name: search\n    wieght: 1\n");
        await page.SubmitAsync("form");
        page.Find("[role=alert]").TextContent.ShouldContain("wieght");
        page.Find("[role=alert] strong").TextContent.ShouldStartWith("Line ");
        page.Markup.ShouldContain("the text has to be mended first");
        page.FindComponents<ReplayPanel>().ShouldBeEmpty();

        await page.ChangeAsync("#draft-yaml", yaml + "teams:\n  - name: search\n");
        await page.SubmitAsync("form");
        page.FindAll("[role=alert]").ShouldBeEmpty();
        page.Find(".differences").TextContent.ShouldContain("search");
        page.FindAll("button").ShouldContain(b => b.TextContent.Trim() == "Apply 1 change");
        page.FindComponents<ReplayPanel>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Draft_WhenOthersChangedTheSame_AsksWhichHolds()
    {
        await _console.SimulateAsync("alpha");
        IRenderedComponent<DraftPage> page = await DraftAsync();
        string yaml = page.Find("#draft-yaml").GetAttribute("value") ?? page.Find("#draft-yaml").TextContent;
        await page.ChangeAsync("#draft-yaml", yaml.Replace("name: alpha", "name: alpha\n    description: mine", StringComparison.Ordinal));
        await page.SubmitAsync("form");
        ModelView alpha = (await _console.Get<ModelAdministration>().ListAsync(Cancel))[0];
        await _console.Get<ModelAdministration>().UpdateAsync(alpha.Id, new ModelChange { Description = "theirs" }, Actor.System, Cancel);
        IRenderedComponent<DraftPage> again = _console.Render<DraftPage>(p => p.Add(d => d.Id, page.Instance.Id));
        await again.WaitForAssertionAsync(() => again.Find("table").TextContent.ShouldContain("theirs"));
        again.FindAll("button").ShouldNotContain(b => b.TextContent.Contains("Apply"));
        await again.PressAsync("Take the draft's values");
        again.FindAll("button").ShouldContain(b => b.TextContent.Trim() == "Apply 1 change");
    }

    [Fact]
    public async Task Draft_EditedAndNotSaved_IsNotLeftNorWrittenOverWithoutAQuestion()
    {
        await _console.SimulateAsync("alpha");
        IRenderedComponent<RadzenDialog> dialogs = _console.Render<RadzenDialog>();
        IRenderedComponent<DraftPage> page = await DraftAsync();
        await _console.SimulateAsync("beta");
        page = _console.Render<DraftPage>(p => p.Add(d => d.Id, page.Instance.Id));
        await page.WaitForAssertionAsync(() => page.Find("#draft-yaml"));
        AngleSharp.Dom.IElement Rebase() => page.FindAll("button").Single(b => b.TextContent.StartsWith("Put it on version", StringComparison.Ordinal));
        Rebase().HasAttribute("disabled").ShouldBeFalse();
        string before = _console.Get<NavigationManager>().Uri;

        await page.ChangeAsync("#draft-yaml", "teams: []\n");

        Rebase().HasAttribute("disabled").ShouldBeTrue();
        page.FindComponent<NavigationLock>().Instance.ConfirmExternalNavigation.ShouldBeTrue();
        // It returns when the question is answered.
        Task leaving = Task.Run(() => _console.Get<NavigationManager>().NavigateTo("/keys"), Cancel);
        await dialogs.WaitForAssertionAsync(() => dialogs.Find(".rz-dialog-title").TextContent.ShouldContain("Leave without saving?"));
        await dialogs.PressAsync("Stay here");
        await leaving;
        _console.Get<NavigationManager>().Uri.ShouldBe(before);
    }

    [Fact]
    public async Task Replay_OfATextThatWasSavedAnew_IsNotShownForIt()
    {
        await _console.SimulateAsync("alpha");
        IRenderedComponent<DraftPage> page = await DraftAsync();
        ReplayPanel first = page.FindComponent<ReplayPanel>().Instance;
        await page.ChangeAsync("#draft-yaml", "teams:\n  - name: search\n");
        await page.SubmitAsync("form");
        await page.WaitForAssertionAsync(() => page.FindComponent<ReplayPanel>().Instance.ShouldNotBeSameAs(first));
    }

    [Fact]
    public async Task Draft_ForAViewer_IsRead()
    {
        await _console.SimulateAsync("alpha");
        string id = (await _console.Get<ConfigDrafts>().CreateAsync(new DraftChange { Name = "theirs" }, Actor.System, Cancel)).Value!.Id;
        _console.Person.SetPolicies(ConsolePolicies.Viewer);
        IRenderedComponent<DraftPage> page = _console.Render<DraftPage>(p => p.Add(d => d.Id, id));
        await page.WaitForAssertionAsync(() => page.Find("#draft-yaml"));
        page.Find("#draft-yaml").HasAttribute("readonly").ShouldBeTrue();
        page.FindAll("button").ShouldNotContain(b => b.TextContent.Contains("Save") || b.TextContent.Contains("Discard") || b.TextContent.Contains("Apply"));
    }

    [Fact]
    public async Task Draft_ThatIsGone_LeadsToTheOthers()
    {
        IRenderedComponent<DraftPage> page = _console.Render<DraftPage>(p => p.Add(d => d.Id, "gone"));
        await page.WaitForAssertionAsync(() => page.Find(".empty h2").TextContent.ShouldBe("This draft is not there any more"));
    }

    [Fact]
    public async Task Replay_WithoutCalls_SaysSo_AndWithSomeComparesThem()
    {
        await _console.SimulateAsync("alpha");
        string id = (await _console.Get<ConfigDrafts>().CreateAsync(new DraftChange { Name = "try" }, Actor.System, Cancel)).Value!.Id;
        IRenderedComponent<ReplayPanel> panel = _console.Render<ReplayPanel>(p => p.Add(r => r.Draft, id));
        await panel.SubmitAsync("form");
        await panel.WaitForAssertionAsync(() => panel.Find("[role=status]").TextContent.ShouldBe("No calls are recorded in this span."));
        await using (GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel))
        {
            context.UsageRecords.Add(new UsageRecordRow
            {
                Id = "1".PadLeft(32, '0'),
                RequestId = "r",
                StartedAtMs = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds(),
                Operation = "chat",
                Method = "POST",
                Path = "/v1/chat/completions",
                RequestedModel = "alpha",
                Model = "alpha",
                Provider = "simulated",
                Status = 200,
                Admitted = true,
                InputTokens = 10,
                OutputTokens = 5,
                UsageSource = 1,
            });
            await context.SaveChangesAsync(Cancel);
        }
        await panel.SubmitAsync("form");
        await panel.WaitForAssertionAsync(() => panel.Find("[role=status]").TextContent.ShouldStartWith("1 call from"));
        panel.FindAll("table caption").Select(c => c.TextContent).ShouldContain("In all");
    }

    [Fact]
    public async Task Transfer_Exported_CanBeImportedBackAndChangesNothing()
    {
        await _console.SimulateAsync("alpha");
        IRenderedComponent<TransferPage> page = _console.Render<TransferPage>();
        await page.WaitForAssertionAsync(() => page.Find(".export").TextContent.ShouldContain("alpha"));
        string yaml = page.Find(".export").TextContent;
        await page.ChangeAsync("#import-mode", "replace");
        await page.ChangeAsync("#import-name", "back");
        await page.ChangeAsync("#import-text", yaml);
        await page.SubmitAsync("form");
        DraftSummary draft = (await _console.Get<ConfigDrafts>().ListAsync(Cancel)).ShouldHaveSingleItem();
        (await _console.Get<ConfigDrafts>().GetAsync(draft.Id, Cancel)).Value!.Differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task Transfer_OfALiteLlmFile_NamesWhatBecameOfEachSetting()
    {
        IRenderedComponent<TransferPage> page = _console.Render<TransferPage>();
        await page.WaitForAssertionAsync(() => page.Find(".export"));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("model_list:\n  - model_name: small\n    litellm_params:\n      model: azure/gpt-4o-mini\n      unheard_of: 3\n", "proxy.yaml"));
        await page.WaitForAssertionAsync(() => page.Find("#import-name").GetAttribute("value").ShouldBe("proxy.yaml"));
        page.Find("#import-format").GetAttribute("value").ShouldBe("litellm", "it is told by its content");
        await page.ChangeAsync("#import-variables", "AZURE_API_BASE=https://mini.openai.azure.com");
        await page.SubmitAsync("form");
        string id = (await _console.Get<ConfigDrafts>().ListAsync(Cancel)).ShouldHaveSingleItem().Id;
        IRenderedComponent<DraftPage> draft = _console.Render<DraftPage>(p => p.Add(d => d.Id, id));
        await draft.WaitForAssertionAsync(() => draft.Find(".report"));
        int all = draft.FindAll(".report tbody tr").Count;
        await draft.InvokeAsync(() => draft.FindAll(".report button").Single(b => b.TextContent.StartsWith("unsupported", StringComparison.Ordinal)).ClickAsync());
        draft.FindAll(".report tbody tr").Count.ShouldBeLessThan(all);
        draft.Find(".report tbody").TextContent.ShouldContain("unheard_of");
        (await _console.Get<ConfigDrafts>().GetAsync(id, Cancel)).Value!.Yaml.ShouldContain("https://mini.openai.azure.com");
    }

    [Theory]
    [InlineData("", "The file's text is needed.")]
    [InlineData("a: [", "")]
    public async Task Transfer_OfNoConfiguration_SaysWhatIsWrong(string text, string expected)
    {
        IRenderedComponent<TransferPage> page = _console.Render<TransferPage>();
        await page.WaitForAssertionAsync(() => page.Find(".export"));
        await page.ChangeAsync("#import-name", "n");
        await page.ChangeAsync("#import-text", text);
        await page.SubmitAsync("form");
        page.Find("[role=alert]").TextContent.ShouldContain(expected);
        (await _console.Get<ConfigDrafts>().ListAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_WithoutTheDatabase_OfferToTryAgainAndKeepWhatWasEntered()
    {
        await using ConsoleContext away = await ConsoleContext.CreateAsync(s => s.AddSingleton<IDbContextFactory<GatewayDbContext>, NoDatabase>());
        IRenderedComponent<HistoryPage> history = away.Render<HistoryPage>();
        await history.WaitForAssertionAsync(() => history.Find("h2").TextContent.ShouldBe("This could not be read"));
        IRenderedComponent<DraftsPage> drafts = away.Render<DraftsPage>();
        await drafts.WaitForAssertionAsync(() => drafts.Find("h2").TextContent.ShouldBe("This could not be read"));
        await drafts.ChangeAsync("#draft-name", "try");
        await drafts.SubmitAsync("form");
        drafts.Find("[role=alert]").TextContent.ShouldContain("The database cannot be reached");
        IRenderedComponent<TransferPage> transfer = away.Render<TransferPage>();
        await transfer.ChangeAsync("#import-name", "n");
        await transfer.ChangeAsync("#import-text", "models: []");
        await transfer.SubmitAsync("form");
        transfer.Find("[role=alert]").TextContent.ShouldContain("The database cannot be reached");
        IRenderedComponent<DraftPage> draft = away.Render<DraftPage>(p => p.Add(d => d.Id, "any"));
        await draft.WaitForAssertionAsync(() => draft.Find("h2").TextContent.ShouldBe("This could not be read"));
    }

    private async Task AddVersionsAsync(int count)
    {
        await using GatewayDbContext context = await _console.Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        long newest = await context.ConfigVersions.MaxAsync(v => (long?)v.Version, Cancel) ?? 0;
        context.ConfigVersions.AddRange(Enumerable.Range(1, count).Select(i => new ConfigVersionRow { Version = newest + i, Actor = "ada", Note = "model.update", Body = [] }));
        await context.SaveChangesAsync(Cancel);
    }

    private long Newest => _console.Get<Gateway.Web.Storage.Catalog.CatalogSources>().Database.Version;

    private IRenderedComponent<HistoryPage> Version(long? version)
    {
        _console.Get<NavigationManager>().NavigateTo(version is null ? "/configuration" : $"/configuration?version={version}");
        return _console.Render<HistoryPage>();
    }

    private async Task<IRenderedComponent<DraftPage>> DraftAsync()
    {
        string id = (await _console.Get<ConfigDrafts>().CreateAsync(new DraftChange { Name = "try" }, new Actor("ada"), Cancel)).Value!.Id;
        IRenderedComponent<DraftPage> page = _console.Render<DraftPage>(p => p.Add(d => d.Id, id));
        await page.WaitForAssertionAsync(() => page.Find("#draft-yaml"));
        return page;
    }

    private async Task<IEnumerable<string>> ModelsAsync() => (await _console.Get<ModelAdministration>().ListAsync(Cancel)).Select(m => m.Name);

    private sealed class NoDatabase : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => throw new TimeoutException();
    }
}
