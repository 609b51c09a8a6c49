using AngleSharp.Dom;
using Bunit;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Health;
using Gateway.Web.Components.Pages.Keys;
using Gateway.Web.Components.Pages.Models;
using Gateway.Web.Components.Pages.Providers;
using Gateway.Web.Components.Pages.Teams;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

/// <summary>What is entered in a dialog outlives a restart of the gateway; its secrets do not.</summary>
public sealed class KeptFormTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;
    private BunitJSModuleInterop _module = null!;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        _module = _console.JSInterop.SetupModule("./Components/Controls/KeptText.razor.js");
        _module.Mode = JSRuntimeMode.Loose;
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    private string Kept => _module.Invocations["keep"] is [.., var last] ? (string)last.Arguments[1]! : "";

    [Fact]
    public async Task Entered_IsKeptWithoutSecrets_AndComesBack()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<ProviderDialog>([]);
        await host.ChangeAsync("#provider-name", "up");
        await host.ChangeAsync("input[type=password]", "sk-of-mine");
        await host.ChangeAsync("input[aria-label='Requests a minute of credential 1']", "60");
        await host.WaitForAssertionAsync(() => Kept.ShouldContain("60"));
        _module.Invocations["keep"].ShouldAllBe(i => !((string)i.Arguments[1]!).Contains("sk-of-mine"));
        _module.Invocations["keep"][^1].Arguments[0].ShouldBe("console:ada:ProviderDialog:Title");
        string kept = Kept;

        _module.Setup<string?>("read", "console:ada:ProviderDialog:Title").SetResult(kept);
        IRenderedComponent<RadzenDialog> again = await OpenAsync<ProviderDialog>([]);
        await RestoreAsync(again);

        again.Find("#provider-name").GetAttribute("value").ShouldBe("up");
        again.FindAll("input[type=password]").ShouldHaveSingleItem().GetAttribute("value").ShouldBeNullOrEmpty();
        again.Find("input[aria-label='Requests a minute of credential 1']").GetAttribute("value").ShouldBe("60");
    }

    [Fact]
    public async Task BackendOfAModel_ChangedAndRestored_IsStillTheSame()
    {
        await _console.SimulateAsync("m");
        ModelView model = (await _console.Get<ModelAdministration>().ListAsync(TestContext.Current.CancellationToken)).Single();
        IRenderedComponent<RadzenDialog> host = await OpenAsync<ModelDialog>(new() { [nameof(ModelDialog.Model)] = model });
        await host.ChangeAsync("input[max='1000'][min='1']", "7");
        await host.FocusOutAsync("input[max='1000'][min='1']");
        await host.WaitForAssertionAsync(() => Kept.ShouldContain("\"Weight\":7"));

        _module.Setup<string?>("read", "console:ada:ModelDialog:Title").SetResult(Kept);
        IRenderedComponent<RadzenDialog> again = await OpenAsync<ModelDialog>(new() { [nameof(ModelDialog.Model)] = model });
        await RestoreAsync(again);
        await again.SubmitAsync("form");
        await again.WaitForAssertionAsync(() => again.FindAll("#model-name").ShouldBeEmpty());

        BackendView backend = (await _console.Get<ModelAdministration>().ListAsync(TestContext.Current.CancellationToken)).Single().Backends.ShouldHaveSingleItem();
        (backend.Id, backend.Weight).ShouldBe((model.Backends[0].Id, 7));
    }

    [Fact]
    public async Task KeyThatEndsWithinADay_RestoredAndSaved_EndsWhenItDid()
    {
        var ends = new DateTimeOffset(2099, 5, 6, 7, 8, 9, TimeSpan.Zero);
        KeyView key = (await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "k", ExpiresAt = ends }, Actor.System, TestContext.Current.CancellationToken)).Value!.ApiKey;
        IRenderedComponent<RadzenDialog> host = await OpenAsync<KeyDialog>(new() { [nameof(KeyDialog.Key)] = key });
        await host.ChangeAsync("#key-owner", "ada");
        await host.WaitForAssertionAsync(() => Kept.ShouldContain("ada"));

        _module.Setup<string?>("read", "console:ada:KeyDialog:Title").SetResult(Kept);
        IRenderedComponent<RadzenDialog> again = await OpenAsync<KeyDialog>(new() { [nameof(KeyDialog.Key)] = key });
        await RestoreAsync(again);
        await again.SubmitAsync("form");
        await again.WaitForAssertionAsync(() => again.FindAll("#key-name").ShouldBeEmpty());

        KeyView saved = (await _console.Get<KeyAdministration>().GetAsync(key.Id, TestContext.Current.CancellationToken)).Value!;
        (saved.Owner, saved.ExpiresAt).ShouldBe(("ada", ends));
    }

    [Fact]
    public async Task AlertChannel_IsKeptWithoutItsUrlAndItsSecret()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<AlertChannelDialog>([]);
        await host.ChangeAsync("#channel-url", "https://chat.example.com/hooks/token-of-mine");
        await host.ChangeAsync("#channel-secret", "signed-by-me");
        await host.ChangeAsync("#channel-name", "on call");
        await host.WaitForAssertionAsync(() => Kept.ShouldContain("on call"));
        _module.Invocations["keep"].ShouldAllBe(i => !((string)i.Arguments[1]!).Contains("of-mine") && !((string)i.Arguments[1]!).Contains("by-me"));

        IRenderedComponent<RadzenDialog> again = await ReopenAsync<AlertChannelDialog>([]);

        again.Find("#channel-name").GetAttribute("value").ShouldBe("on call");
        again.Find("#channel-url").GetAttribute("value").ShouldBeNullOrEmpty();
        again.Find("#channel-secret").GetAttribute("value").ShouldBeNullOrEmpty();
    }

    [Fact]
    public async Task AlertRule_RestoredAndSaved_IsAsItWasEntered()
    {
        await _console.SimulateAsync("m");
        string model = _console.Get<GatewayCatalog>().Current.Definition.Models[0].Id;
        _console.Options = new() { AllowedNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")] };
        AlertChannelView channel = (await _console.Get<AlertChannels>().CreateAsync(
            new AlertChannelChange { Name = "hook", Type = "webhook", Url = "http://127.0.0.1:9/" }, Actor.System, TestContext.Current.CancellationToken)).Value!;
        IRenderedComponent<RadzenDialog> host = await OpenAsync<AlertRuleDialog>([]);
        await host.ChangeAsync("#rule-name", "circuits");
        await host.ChangeAsync("#rule-metric", "open_circuits");
        await host.ChangeAsync("#rule-scope", "model");
        await host.ChangeAsync("#rule-of", model);
        await host.ChangeAsync(".checks input", true);
        await host.WaitForAssertionAsync(() => Kept.ShouldContain(channel.Id));

        IRenderedComponent<RadzenDialog> again = await ReopenAsync<AlertRuleDialog>([]);
        await again.SubmitAsync("form");
        await again.WaitForAssertionAsync(() => again.FindAll("#rule-name").ShouldBeEmpty());

        AlertRuleView rule = (await _console.Get<AlertAdministration>().ListAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        (rule.Name, rule.Metric, rule.Of, rule.Threshold).ShouldBe(("circuits", "open_circuits", model, 1));
        rule.Channels.ShouldBe([channel.Id]);
    }

    [Fact]
    public async Task Slo_ComesBack()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<SloDialog>([]);
        await host.ChangeAsync("#slo-errors", "");
        await host.ChangeAsync("#slo-ttft", "800");
        await host.WaitForAssertionAsync(() => Kept.ShouldContain("800"));

        IRenderedComponent<RadzenDialog> again = await ReopenAsync<SloDialog>([]);

        (again.Find("#slo-errors").GetAttribute("value"), again.Find("#slo-ttft").GetAttribute("value")).ShouldBe((null, "800"));
    }

    [Fact]
    public async Task RotationAndCapture_ComeBack()
    {
        KeyView key = (await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "k" }, Actor.System, TestContext.Current.CancellationToken)).Value!.ApiKey;
        IRenderedComponent<RadzenDialog> rotation = await OpenAsync<RotateKeyDialog>(new() { [nameof(RotateKeyDialog.Key)] = key });
        await rotation.ChangeAsync("#rotate-overlap", "3600");
        await rotation.WaitForAssertionAsync(() => Kept.ShouldContain("3600"));
        (await ReopenAsync<RotateKeyDialog>(new() { [nameof(RotateKeyDialog.Key)] = key })).Find("#rotate-overlap").GetAttribute("value").ShouldBe("3600");

        IRenderedComponent<RadzenDialog> capture = await OpenAsync<CaptureDialog>(new() { [nameof(CaptureDialog.Key)] = key });
        await capture.ChangeAsync("#capture-requests", "77");
        await capture.ChangeAsync("#capture-minutes", "240");
        await capture.WaitForAssertionAsync(() => Kept.ShouldContain("240"));
        IRenderedComponent<RadzenDialog> again = await ReopenAsync<CaptureDialog>(new() { [nameof(CaptureDialog.Key)] = key });
        (again.Find("#capture-requests").GetAttribute("value"), again.Find("#capture-minutes").GetAttribute("value")).ShouldBe(("77", "240"));
    }

    [Fact]
    public async Task ControlNeverLeft_IsOfferedAndTypedAgainOnceTheRestIsBack()
    {
        var typed = new Dictionary<string, string> { ["team-owners"] = "ada, gra" };
        _module.Setup<Dictionary<string, string>?>("readTyped", "console:ada:TeamDialog:Title").SetResult(typed);
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        _module.Invocations["listenWithin"][^1].Arguments.ShouldBe(["console:ada:TeamDialog:Title", ".dialog-frame"]);

        await RestoreAsync(host);

        await host.WaitForAssertionAsync(() => _module.Invocations["retype"].ShouldHaveSingleItem().Arguments.ShouldBe([typed]));
    }

    [Fact]
    public async Task Closed_IsForgotten_AndWhatIsOfferedStaysUntilItIsAnswered()
    {
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await host.ChangeAsync("#team-name", "sea");
        await host.WaitForAssertionAsync(() => Kept.ShouldContain("sea"));
        await host.InvokeAsync(() => _console.Get<DialogService>().Close());
        await host.WaitForAssertionAsync(() => Kept.ShouldBe(""));

        _module.Setup<string?>("read", "console:ada:TeamDialog:Title").SetResult("""{"Name":"sea"}""");
        int before = _module.Invocations["keep"].Count;
        IRenderedComponent<RadzenDialog> again = await OpenAsync<TeamDialog>([]);
        await again.WaitForElementAsync(".kept");
        await again.InvokeAsync(() => _console.Get<DialogService>().Close());
        await again.WaitForAssertionAsync(() => again.FindAll("#team-name").ShouldBeEmpty());
        _module.Invocations["keep"].Count.ShouldBe(before);
    }

    [Fact]
    public async Task Restored_CountsAsEntered_SoThatClosingAsks()
    {
        _module.Setup<string?>("read", "console:ada:TeamDialog:Title").SetResult("""{"Name":"sea"}""");
        IRenderedComponent<RadzenDialog> host = await OpenAsync<TeamDialog>([]);
        await RestoreAsync(host);
        host.Find("#team-name").GetAttribute("value").ShouldBe("sea");

        _ = host.InvokeAsync(() => _console.Get<DialogService>().TryCloseAsync());

        await host.WaitForAssertionAsync(() => host.FindAll(".rz-dialog-title").Select(t => t.TextContent.Trim()).ShouldContain("Discard what you typed?"));
    }

    private static async Task RestoreAsync(IRenderedComponent<RadzenDialog> host)
    {
        IElement offer = await host.WaitForElementAsync(".kept");
        offer.TextContent.ShouldContain("You had filled in this form here.");
        await host.PressAsync("Restore", ".kept button");
    }

    // Another circuit, which finds what this one kept.
    private async Task<IRenderedComponent<RadzenDialog>> ReopenAsync<T>(Dictionary<string, object?> parameters)
        where T : ComponentBase
    {
        _module.Setup<string?>("read", $"console:ada:{typeof(T).Name}:Title").SetResult(Kept);
        IRenderedComponent<RadzenDialog> again = await OpenAsync<T>(parameters);
        await RestoreAsync(again);
        return again;
    }

    private async Task<IRenderedComponent<RadzenDialog>> OpenAsync<T>(Dictionary<string, object?> parameters)
        where T : ComponentBase
    {
        _console.Get<DialogService>().Close();
        IRenderedComponent<RadzenDialog> host = _console.Render<RadzenDialog>();
        _ = host.InvokeAsync(() => _console.Get<DialogService>().ShowAsync<T, object>("Title", parameters));
        await host.WaitForElementAsync(".rz-dialog form");
        return host;
    }
}
