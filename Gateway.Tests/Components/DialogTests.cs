using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Layout;
using Gateway.Web.Components.Pages.Health;
using Gateway.Web.Components.Pages.Keys;
using Gateway.Web.Components.Pages.Models;
using Gateway.Web.Components.Pages.Prices;
using Gateway.Web.Components.Pages.Providers;
using Gateway.Web.Components.Pages.Routing;
using Gateway.Web.Components.Pages.Teams;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using RouteView = Gateway.Web.Administration.RouteView;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

/// <summary>What is entered in a dialog is neither lost nor put over what others did, whatever happens.</summary>
public sealed class DialogTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DialogService Dialogs => _console.Get<DialogService>();

    private ModelAdministration Models => _console.Get<ModelAdministration>();

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Saving_WhileTheDatabaseIsAway_SaysSoAndKeepsWhatWasEntered()
    {
        IRenderedComponent<AlertRuleDialog> dialog = _console.Render<AlertRuleDialog>();
        dialog.Find("#rule-name").Change("errors");
        await _console.BreakDatabaseAsync();
        await dialog.Find("form").SubmitAsync();
        await dialog.WaitForAssertionAsync(() => dialog.Find(".problems").TextContent.ShouldContain("database cannot be reached"));
        dialog.Find("#rule-name").GetAttribute("value").ShouldBe("errors");

        await _console.MendDatabaseAsync();
        await dialog.Find("form").SubmitAsync();
        (await _console.Get<AlertAdministration>().ListAsync(Cancel)).ShouldHaveSingleItem().Name.ShouldBe("errors");
    }

    [Fact]
    public async Task Loading_WhileTheDatabaseIsAway_FailsWithinTheDialog()
    {
        await _console.BreakDatabaseAsync();
        IRenderedComponent<RadzenDialog> host = await OpenAsync<AlertRuleDialog>([]);
        await host.WaitForAssertionAsync(() => host.Find(".rz-dialog .empty h2").TextContent.ShouldBe("This could not be shown"));

        await _console.MendDatabaseAsync();
        await host.FindAll(".rz-dialog button").Single(b => b.TextContent == "Try again").ClickAsync();
        await host.WaitForAssertionAsync(() => host.Find("#rule-name"));
    }

    [Fact]
    public async Task Closing_WithSomethingEntered_Asks()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await host.Find("#team-name").InputAsync(new ChangeEventArgs { Value = "sea" });
        Task<bool> closing = host.InvokeAsync(() => Dialogs.TryCloseAsync());
        await host.WaitForAssertionAsync(() => host.FindAll(".rz-dialog-title").Select(t => t.TextContent.Trim()).ShouldContain("Discard what you typed?"));
        await host.FindAll("button").Single(b => b.TextContent == "Go on editing").ClickAsync();
        (await closing).ShouldBeFalse();
        host.FindAll("#team-name").Count.ShouldBe(1);

        closing = host.InvokeAsync(() => Dialogs.TryCloseAsync());
        await host.WaitForAssertionAsync(() => host.FindAll("button").ShouldContain(b => b.TextContent == "Discard"));
        await host.FindAll("button").Single(b => b.TextContent == "Discard").ClickAsync();
        (await closing).ShouldBeTrue();
        await host.WaitForAssertionAsync(() => host.FindAll("#team-name").ShouldBeEmpty());
    }

    [Fact]
    public async Task Closing_WithNothingEntered_DoesNotAsk()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        (await host.InvokeAsync(() => Dialogs.TryCloseAsync())).ShouldBeTrue();
        await host.WaitForAssertionAsync(() => host.FindAll("#team-name").ShouldBeEmpty());
    }

    [Fact]
    public async Task Cancel_WithSomethingEntered_AsksAsEscapeDoes()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await host.Find("#team-name").InputAsync(new ChangeEventArgs { Value = "sea" });
        Task cancelling = host.FindAll("button").Single(b => b.TextContent == "Cancel").ClickAsync();
        await host.WaitForAssertionAsync(() => host.FindAll("button").ShouldContain(b => b.TextContent == "Go on editing"));
        await host.FindAll("button").Single(b => b.TextContent == "Go on editing").ClickAsync();
        await cancelling;
        host.FindAll("#team-name").Count.ShouldBe(1);

        cancelling = host.FindAll("button").Single(b => b.TextContent == "Cancel").ClickAsync();
        await host.WaitForAssertionAsync(() => host.FindAll("button").ShouldContain(b => b.TextContent == "Discard"));
        await host.FindAll("button").Single(b => b.TextContent == "Discard").ClickAsync();
        await cancelling;
        await host.WaitForAssertionAsync(() => host.FindAll("#team-name").ShouldBeEmpty());
    }

    [Fact]
    public async Task Cancel_WithNothingEntered_Closes()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await host.FindAll("button").Single(b => b.TextContent == "Cancel").ClickAsync();
        await host.WaitForAssertionAsync(() => host.FindAll("#team-name").ShouldBeEmpty());
    }

    [Fact]
    public async Task SecretShownOnce_ClosesByItsButtonOnly()
    {
        IRenderedComponent<IComponent> page = _console.Render(builder =>
        {
            builder.OpenComponent<RadzenDialog>(0);
            builder.CloseComponent();
            builder.OpenComponent<KeysPage>(1);
            builder.CloseComponent();
        });
        await page.WaitForAssertionAsync(() => page.Find(".empty button"));
        // It waits for the dialogs that it opens.
        Task issuing = page.Find(".empty button").ClickAsync();
        await page.WaitForAssertionAsync(() => page.FindAll(".rz-dialog-titlebar-close").Count.ShouldBe(1));
        page.Find("#key-name").Change("app");
        await page.Find(".rz-dialog form").SubmitAsync();
        await page.WaitForAssertionAsync(() => page.Find("[data-testid=issued-key]"));
        page.FindAll(".rz-dialog-titlebar-close").ShouldBeEmpty();
        page.Find(".rz-dialog a[href='/me']").TextContent.ShouldEndWith("/me");
        await page.FindAll(".rz-dialog button").Single(b => b.TextContent == "I have copied it").ClickAsync();
        await page.WaitForAssertionAsync(() => page.FindAll("[data-testid=issued-key]").ShouldBeEmpty());
        await issuing;
    }

    [Fact]
    public void CircuitThatEnded_OffersToReload()
    {
        // Blazor's own script looks for this id, shows it, and reloads on what has this class.
        IRenderedComponent<ErrorPanel> panel = _console.Render<ErrorPanel>();
        panel.Find("#blazor-error-ui[role=alert] button.reload").TextContent.ShouldBe("Reload");
    }

    [Fact]
    public void KeyForm_WithAnotherNameOnly_LeavesTheInstantOfExpiry()
    {
        var expires = new DateTimeOffset(2026, 12, 1, 15, 30, 0, TimeSpan.Zero);
        var key = new KeyView { Id = "k", Name = "old", KeyPrefix = "ml-", ExpiresAt = expires };
        KeyForm form = KeyForm.From(key);
        form.Name = "new";
        form.ToChange().ExpiresAt.HasValue.ShouldBeFalse();
        form.ExpiresOn = new DateOnly(2026, 12, 2);
        form.ToChange().ExpiresAt.Value.ShouldBe(new DateTimeOffset(2026, 12, 3, 0, 0, 0, TimeSpan.Zero));
        form.ExpiresOn = null;
        (form.ToChange().ExpiresAt.HasValue, form.ToChange().ExpiresAt.Value).ShouldBe((true, null));
    }

    [Fact]
    public async Task Model_WithAnotherDescription_LeavesWhatOthersDidToItsBackends()
    {
        await _console.SimulateAsync("alpha");
        ModelView loaded = (await Models.ListAsync(Cancel))[0];
        IRenderedComponent<ModelDialog> dialog = _console.Render<ModelDialog>(p => p.Add(d => d.Model, loaded));
        await Models.UpdateBackendAsync(loaded.Id, loaded.Backends[0].Id, new BackendChange { Draining = true }, Actor.System, Cancel);
        await Models.AddBackendAsync(loaded.Id, new BackendChange { Provider = "simulated", UpstreamModel = "second" }, Actor.System, Cancel);

        dialog.Find("#model-description").Change("mine");
        await dialog.Find("form").SubmitAsync();

        ModelView saved = (await Models.ListAsync(Cancel))[0];
        saved.Description.ShouldBe("mine");
        saved.Backends.Select(b => b.Draining).ShouldBe([true, false]);
    }

    [Fact]
    public async Task Model_WhoseBackendsOthersChanged_IsNotOverwritten()
    {
        await _console.SimulateAsync("alpha");
        ModelView loaded = (await Models.ListAsync(Cancel))[0];
        IRenderedComponent<ModelDialog> dialog = _console.Render<ModelDialog>(p => p.Add(d => d.Model, loaded));
        await Models.AddBackendAsync(loaded.Id, new BackendChange { Provider = "simulated", UpstreamModel = "second" }, new Actor("grace"), Cancel);

        dialog.Find("#backend-1-weight").Change("7");
        await dialog.Find("form").SubmitAsync();

        await dialog.WaitForAssertionAsync(() => dialog.Find(".problems").TextContent.ShouldContain("Changed meanwhile by grace"));
        dialog.Find("#backend-1-weight").GetAttribute("value").ShouldBe("7");
        (await Models.ListAsync(Cancel))[0].Backends.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Route_WhoseStepsOthersChanged_IsNotOverwritten()
    {
        await _console.SimulateAsync("alpha");
        RouteAdministration routes = _console.Get<RouteAdministration>();
        var change = new RouteChange { Name = "r", Steps = new RouteStepView[] { new() { Model = "alpha" } } };
        string id = (await routes.CreateAsync(change, Actor.System, Cancel)).Value!.Id;
        RouteView loaded = (await routes.GetAsync(id, Cancel)).Value!;
        RouteForm form = RouteForm.From(loaded);
        await routes.UpdateAsync(id, new RouteChange { Steps = new RouteStepView[] { new() { Model = "alpha", Retries = 3 } } }, new Actor("grace"), Cancel);

        form.Description = "mine";
        (await routes.UpdateAsync(id, form.Changes(loaded), Actor.System, Cancel)).Value!.Steps[0].Retries.ShouldBe(3);
        form.Steps[0].Retries = 1;
        (await routes.UpdateAsync(id, form.Changes(loaded), Actor.System, Cancel)).Outcome.ShouldBe(AdministrationOutcome.Conflict);
    }

    [Fact]
    public async Task Team_SwitchedOffMeanwhile_StaysOff()
    {
        TeamAdministration teams = _console.Get<TeamAdministration>();
        TeamView loaded = (await teams.CreateAsync(new TeamChange { Name = "search", Owners = new string[] { "ada" } }, Actor.System, Cancel)).Value!;
        IRenderedComponent<TeamDialog> dialog = _console.Render<TeamDialog>(p => p.Add(d => d.Team, loaded));
        await teams.UpdateAsync(loaded.Id, new TeamChange { Active = false }, Actor.System, Cancel);
        dialog.Find("#team-description").Change("mine");
        await dialog.Find("form").SubmitAsync();
        TeamView saved = teams.Get(loaded.Id).Value!;
        (saved.Active, saved.Description, saved.Owners.Count).ShouldBe((false, "mine", 1));
    }

    [Fact]
    public async Task Key_WhoseSameFieldOthersChanged_IsNotOverwritten()
    {
        KeyAdministration keys = _console.Get<KeyAdministration>();
        KeyView loaded = (await keys.CreateAsync(new KeyChange { Name = "app", RpmLimit = 60 }, Actor.System, Cancel)).Value!.ApiKey;
        IRenderedComponent<KeyDialog> dialog = _console.Render<KeyDialog>(p => p.Add(d => d.Key, loaded));
        await keys.UpdateAsync(loaded.Id, new KeyChange { RpmLimit = 100 }, new Actor("grace"), Cancel);
        await keys.UpdateAsync(loaded.Id, new KeyChange { Owner = "linus" }, new Actor("linus"), Cancel);

        dialog.Find("#key-rpm").Change("7");
        await dialog.Find("form").SubmitAsync();
        await dialog.WaitForAssertionAsync(() => dialog.Find(".problems").TextContent.ShouldContain("Changed meanwhile by grace: rpm limit."));
        dialog.Find("#key-rpm").GetAttribute("value").ShouldBe("7");
        (await keys.GetAsync(loaded.Id, Cancel)).Value!.RpmLimit.ShouldBe(100);

        // Taken back, another field is saved beside theirs.
        dialog.Find("#key-rpm").Change("60");
        dialog.Find("#key-tpm").Change("5000");
        await dialog.Find("form").SubmitAsync();
        KeyView saved = (await keys.GetAsync(loaded.Id, Cancel)).Value!;
        (saved.RpmLimit, saved.TpmLimit, saved.Owner).ShouldBe((100, 5000, "linus"));
    }

    [Fact]
    public async Task Field_ThatOthersSetToTheSame_IsSaved()
    {
        TeamAdministration teams = _console.Get<TeamAdministration>();
        TeamView loaded = (await teams.CreateAsync(new TeamChange { Name = "search" }, Actor.System, Cancel)).Value!;
        IRenderedComponent<TeamDialog> dialog = _console.Render<TeamDialog>(p => p.Add(d => d.Team, loaded));
        await teams.UpdateAsync(loaded.Id, new TeamChange { Description = "ours" }, new Actor("grace"), Cancel);
        dialog.Find("#team-description").Change("ours");
        await dialog.Find("form").SubmitAsync();
        dialog.FindAll(".problems").ShouldBeEmpty();
    }

    [Fact]
    public async Task AlertRule_WhoseSameFieldOthersChanged_IsNotOverwritten()
    {
        AlertAdministration rules = _console.Get<AlertAdministration>();
        AlertRuleView loaded = (await rules.CreateAsync(new AlertRuleChange { Name = "errors", Metric = "error_rate_percent", Threshold = 5 }, Actor.System, Cancel)).Value!;
        IRenderedComponent<AlertRuleDialog> dialog = _console.Render<AlertRuleDialog>(p => p.Add(d => d.Rule, loaded));
        await rules.UpdateAsync(loaded.Id, new AlertRuleChange { Threshold = 9 }, new Actor("grace"), Cancel);

        dialog.Find("#rule-threshold").Change("7");
        await dialog.Find("form").SubmitAsync();
        await dialog.WaitForAssertionAsync(() => dialog.Find(".problems").TextContent.ShouldContain("Changed meanwhile by grace: threshold."));
        (await rules.ListAsync(Cancel)).ShouldHaveSingleItem().Threshold.ShouldBe(9);
    }

    [Fact]
    public async Task Price_WithOnePartChanged_LeavesWhatOthersDidToAnother()
    {
        PriceAdministration prices = _console.Get<PriceAdministration>();
        var change = new PriceChange { Model = "m", InputPerMillion = NanoUsd.FromDollars(1), OutputPerMillion = NanoUsd.FromDollars(2) };
        PriceView loaded = (await prices.CreateAsync(change, Actor.System, Cancel)).Value!;
        IRenderedComponent<PriceDialog> dialog = _console.Render<PriceDialog>(p => p.Add(d => d.Price, loaded));
        await prices.UpdateAsync(loaded.Id, new PriceChange { InputPerMillion = NanoUsd.FromDollars(3) }, new Actor("grace"), Cancel);

        dialog.Find("#price-output").Change("4");
        await dialog.Find("form").SubmitAsync();
        dialog.FindAll(".problems").ShouldBeEmpty();
        PriceView saved = (await prices.UpdateAsync(loaded.Id, new PriceChange(), Actor.System, Cancel)).Value!;
        (saved.InputPerMillion, saved.OutputPerMillion).ShouldBe((NanoUsd.FromDollars(3), NanoUsd.FromDollars(4)));
    }

    [Fact]
    public async Task Provider_WithACredentialThatHasNoSecret_SaysWhatIsMissing()
    {
        IRenderedComponent<ProviderDialog> dialog = _console.Render<ProviderDialog>();
        dialog.Find("#provider-name").Change("upstream");
        dialog.Find("#provider-url").Change("https://api.example.com");
        dialog.Find("[aria-label='Label of credential 1']").Change("team-a");
        dialog.Find("[aria-label='Requests a minute of credential 1']").Change("60");
        await dialog.Find("form").SubmitAsync();
        dialog.Find(".problems").TextContent.ShouldContain("“team-a” has no secret");
        (await _console.Get<ProviderAdministration>().ListAsync(Cancel)).ShouldBeEmpty();

        dialog.Find("[aria-label='Secret of credential 1']").Change("sk-1");
        await dialog.Find("form").SubmitAsync();
        (await _console.Get<ProviderAdministration>().ListAsync(Cancel)).ShouldHaveSingleItem().Credentials.ShouldHaveSingleItem().RpmLimit.ShouldBe(60);
    }

    private async Task<IRenderedComponent<RadzenDialog>> OpenAsync<T>(Dictionary<string, object?> parameters)
        where T : ComponentBase
    {
        IRenderedComponent<RadzenDialog> host = _console.Render<RadzenDialog>();
        _ = host.InvokeAsync(() => Dialogs.ShowAsync<T, object>("Title", parameters));
        await host.WaitForAssertionAsync(() => host.Find(".rz-dialog"));
        return host;
    }
}
