using Bunit;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
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
        await dialog.ChangeAsync("#rule-name", "errors");
        await _console.BreakDatabaseAsync();
        await dialog.SubmitAsync("form");
        await dialog.WaitForAssertionAsync(() => dialog.Find(".problems").TextContent.ShouldContain("database cannot be reached"));
        dialog.Find("#rule-name").GetAttribute("value").ShouldBe("errors");

        await _console.MendDatabaseAsync();
        await dialog.SubmitAsync("form");
        (await _console.Get<AlertAdministration>().ListAsync(Cancel)).ShouldHaveSingleItem().Name.ShouldBe("errors");
    }

    [Fact]
    public async Task UpstreamModel_OfAProviderThatListsThem_IsOffered()
    {
        await using var upstream = ScriptedUpstream.Json("""{"object":"list","data":[{"id":"llama"},{"id":"qwen"}]}""");
        _console.Options = new GatewayOptions { AllowedNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")] };
        await _console.Get<ProviderAdministration>().CreateAsync(new ProviderChange { Name = "up", Kind = "openai-compatible", BaseUrl = upstream.Url.ToString() }, Actor.System, Cancel);
        IRenderedComponent<ModelDialog> dialog = _console.Render<ModelDialog>();

        await dialog.InvokeAsync(() => dialog.Find("#backend-1-model").FocusAsync());

        string list = dialog.Find("#backend-1-model").GetAttribute("list").ShouldNotBeNull();
        dialog.WaitForAssertion(() => dialog.FindAll($"#{list} option").Select(o => o.GetAttribute("value")).ShouldBe(["llama", "qwen"]));
    }

    [Fact]
    public async Task Loading_WhileTheDatabaseIsAway_FailsWithinTheDialog()
    {
        await _console.BreakDatabaseAsync();
        IRenderedComponent<RadzenDialog> host = await OpenAsync<AlertRuleDialog>([]);
        await host.WaitForAssertionAsync(() => host.Find(".rz-dialog .empty h2").TextContent.ShouldBe("This could not be shown"));

        await _console.MendDatabaseAsync();
        await host.PressAsync("Try again", ".rz-dialog button");
        await host.WaitForAssertionAsync(() => host.Find("#rule-name"));
    }

    [Fact]
    public async Task Closing_WithSomethingEntered_Asks()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await host.InputAsync("#team-name", "sea");
        Task<bool> closing = host.InvokeAsync(() => Dialogs.TryCloseAsync());
        await host.WaitForAssertionAsync(() => host.FindAll(".rz-dialog-title").Select(t => t.TextContent.Trim()).ShouldContain("Discard what you typed?"));
        await host.PressAsync("Go on editing");
        (await closing).ShouldBeFalse();
        host.FindAll("#team-name").Count.ShouldBe(1);

        closing = host.InvokeAsync(() => Dialogs.TryCloseAsync());
        await host.WaitForAssertionAsync(() => host.FindAll("button").ShouldContain(b => b.TextContent == "Discard"));
        await host.PressAsync("Discard");
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
        await host.InputAsync("#team-name", "sea");
        Task cancelling = host.PressAsync("Cancel");
        await host.WaitForAssertionAsync(() => host.FindAll("button").ShouldContain(b => b.TextContent == "Go on editing"));
        await host.PressAsync("Go on editing");
        await cancelling;
        host.FindAll("#team-name").Count.ShouldBe(1);

        cancelling = host.PressAsync("Cancel");
        await host.WaitForAssertionAsync(() => host.FindAll("button").ShouldContain(b => b.TextContent == "Discard"));
        await host.PressAsync("Discard");
        await cancelling;
        await host.WaitForAssertionAsync(() => host.FindAll("#team-name").ShouldBeEmpty());
    }

    [Fact]
    public async Task Cancel_WithNothingEntered_Closes()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await host.PressAsync("Cancel");
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
        Task issuing = page.ClickAsync(".empty button");
        await page.WaitForAssertionAsync(() => page.FindAll(".rz-dialog-titlebar-close").Count.ShouldBe(1));
        await page.ChangeAsync("#key-name", "app");
        await page.SubmitAsync(".rz-dialog form");
        await page.WaitForAssertionAsync(() => page.Find("[data-testid=issued-key]"));
        page.FindAll(".rz-dialog-titlebar-close").ShouldBeEmpty();
        page.Find(".rz-dialog a[href='/me']").TextContent.ShouldEndWith("/me");
        await page.PressAsync("I have copied it", ".rz-dialog button");
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

        await dialog.ChangeAsync("#model-description", "mine");
        await dialog.SubmitAsync("form");

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

        await dialog.ChangeAsync("#backend-1-weight", "7");
        await dialog.SubmitAsync("form");

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
        await dialog.ChangeAsync("#team-description", "mine");
        await dialog.SubmitAsync("form");
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

        await dialog.ChangeAsync("#key-rpm", "7");
        await dialog.SubmitAsync("form");
        await dialog.WaitForAssertionAsync(() => dialog.Find(".problems").TextContent.ShouldContain("Changed meanwhile by grace: rpm limit."));
        dialog.Find("#key-rpm").GetAttribute("value").ShouldBe("7");
        (await keys.GetAsync(loaded.Id, Cancel)).Value!.RpmLimit.ShouldBe(100);

        // Taken back, another field is saved beside theirs.
        await dialog.ChangeAsync("#key-rpm", "60");
        await dialog.ChangeAsync("#key-tpm", "5000");
        await dialog.SubmitAsync("form");
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
        await dialog.ChangeAsync("#team-description", "ours");
        await dialog.SubmitAsync("form");
        dialog.FindAll(".problems").ShouldBeEmpty();
    }

    [Fact]
    public async Task AlertRule_WhoseSameFieldOthersChanged_IsNotOverwritten()
    {
        AlertAdministration rules = _console.Get<AlertAdministration>();
        AlertRuleView loaded = (await rules.CreateAsync(new AlertRuleChange { Name = "errors", Metric = "error_rate_percent", Threshold = 5 }, Actor.System, Cancel)).Value!;
        IRenderedComponent<AlertRuleDialog> dialog = _console.Render<AlertRuleDialog>(p => p.Add(d => d.Rule, loaded));
        await rules.UpdateAsync(loaded.Id, new AlertRuleChange { Threshold = 9 }, new Actor("grace"), Cancel);

        await dialog.ChangeAsync("#rule-threshold", "7");
        await dialog.SubmitAsync("form");
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

        await dialog.ChangeAsync("#price-output", "4");
        await dialog.SubmitAsync("form");
        dialog.FindAll(".problems").ShouldBeEmpty();
        PriceView saved = (await prices.UpdateAsync(loaded.Id, new PriceChange(), Actor.System, Cancel)).Value!;
        (saved.InputPerMillion, saved.OutputPerMillion).ShouldBe((NanoUsd.FromDollars(3), NanoUsd.FromDollars(4)));
    }

    [Fact]
    public async Task Provider_WithACredentialThatHasNoSecret_SaysWhatIsMissing()
    {
        IRenderedComponent<ProviderDialog> dialog = _console.Render<ProviderDialog>();
        await dialog.ChangeAsync("#provider-name", "upstream");
        await dialog.ChangeAsync("#provider-url", "https://api.example.com");
        await dialog.ChangeAsync("[aria-label='Label of credential 1']", "team-a");
        await dialog.ChangeAsync("[aria-label='Requests a minute of credential 1']", "60");
        await dialog.SubmitAsync("form");
        dialog.Find(".problems").TextContent.ShouldContain("“team-a” has no secret");
        (await _console.Get<ProviderAdministration>().ListAsync(Cancel)).ShouldBeEmpty();

        await dialog.ChangeAsync("[aria-label='Secret of credential 1']", "sk-1");
        await dialog.SubmitAsync("form");
        (await _console.Get<ProviderAdministration>().ListAsync(Cancel)).ShouldHaveSingleItem().Credentials.ShouldHaveSingleItem().RpmLimit.ShouldBe(60);
    }

    [Fact]
    public async Task WhatTheCatalogRefuses_IsSaidUnderTheNameOfItsField()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<KeyDialog>([]);
        await host.ChangeAsync("#key-name", "k");
        await host.ChangeAsync("#key-networks", "203.0.113.7, 10.1/8");
        await host.SubmitAsync(".rz-dialog form");
        await host.WaitForAssertionAsync(() => host.Find(".problems").TextContent.Trim().ShouldStartWith("Allowed networks: \"10.1/8\" is neither"));
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
