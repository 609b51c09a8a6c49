using Bunit;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Web.Administration;
using Gateway.Web.Components.Layout;
using Gateway.Web.Components.Pages.Providers;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Gateway.Tests.Components;

public sealed class ChaosPanelTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    private ChaosSwitch Chaos => _console.Get<ChaosSwitch>();

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleContext.CreateAsync();
        await _console.SimulateAsync("m");
        await _console.Get<KeyAdministration>().CreateAsync(new KeyChange { Name = "tester" }, Actor.System, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task SwitchOn_AsksFirst_AndSaysWhoIsHitAndWhere()
    {
        IRenderedComponent<IComponent> page = Open();
        await page.ChangeAsync("#chaos-target", "provider:simulated");

        Task starting = page.SubmitAsync(".panel-card form");

        string question = page.WaitForElement(".rz-dialog p").TextContent;
        question.ShouldContain("Real callers are hit: calls of every key that go to simulated, 100% of them, on this node only");
        Chaos.IsOn.ShouldBeFalse();
        await page.ClickAsync(".rz-dialog .btn-danger-solid");
        await starting;
        page.WaitForAssertion(() => Chaos.Active.ShouldHaveSingleItem().Provider.ShouldBe("simulated"));
    }

    [Fact]
    public async Task SwitchOn_ForABackendAndKeys_HitsTheseOnly()
    {
        string backend = _console.Get<GatewayCatalog>().Current.Backends.Keys.Single();
        string key = _console.Get<GatewayCatalog>().Current.Definition.Keys.Single().Id;
        IRenderedComponent<IComponent> page = Open();
        await page.ChangeAsync("#chaos-fault", "latency");
        await page.ChangeAsync("#chaos-delay", "750");
        await page.ChangeAsync("#chaos-target", "backend:" + backend);
        await page.InputAsync("#chaos-key", "test");
        await page.KeyDownAsync("#chaos-key", "Enter");
        page.Find(".panel-card .badge").TextContent.ShouldBe("tester");
        Task starting = page.SubmitAsync(".panel-card form");
        page.WaitForElement(".rz-dialog p").TextContent.ShouldContain("Calls of tester are hit that go to simulated · m");

        await page.ClickAsync(".rz-dialog .btn-danger-solid");
        await starting;

        page.WaitForAssertion(() => Chaos.Active.ShouldHaveSingleItem());
        Fault fault = Chaos.Active[0];
        (fault.Provider, fault.Backend, fault.Delay.TotalMilliseconds).ShouldBe((null, backend, 750));
        fault.Keys.ShouldBe([key]);
        page.Find(".panel-card").TextContent.ShouldContain("latency of 750 ms on simulated · m, 100% of calls of tester, until");
        _console.Render<ChaosBanner>().Find("[role=alert]").TextContent.ShouldContain("on this node only: latency on simulated · m for some keys");
    }

    [Fact]
    public async Task End_OfOneThatIsOverAlready_SaysSo()
    {
        await _console.Get<ChaosAdministration>().StartAsync(new ChaosChange { Fault = "latency", Provider = "simulated" }, Actor.System, TestContext.Current.CancellationToken);
        IRenderedComponent<ChaosPanel> panel = _console.Render<ChaosPanel>();
        AngleSharp.Dom.IElement end = panel.Find(".row.apart button");
        // Over, without anybody here being told.
        typeof(ChaosSwitch).GetField("_faults", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.SetValue(Chaos, Array.Empty<Fault>());

        await end.ClickAsync(new());

        _console.Get<NotificationService>().Messages.ShouldContain(m => m.Summary == "It was not on any more.");
    }

    private IRenderedComponent<IComponent> Open() => _console.Render(builder =>
    {
        builder.OpenComponent<RadzenDialog>(0);
        builder.CloseComponent();
        builder.OpenComponent<ChaosPanel>(1);
        builder.CloseComponent();
    });
}
