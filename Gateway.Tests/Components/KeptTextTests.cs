using Bunit;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Routing;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class KeptTextTests : IAsyncLifetime
{
    private const string Module = "./Components/Controls/KeptText.razor.js";

    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Text_KeptBeforeAReload_IsOfferedAndTakenBack()
    {
        Keeps("playground", "what I typed");
        string? restored = null;
        IRenderedComponent<KeptText> kept = Render("playground", "", text => restored = text);

        (await kept.WaitForElementAsync("[role=status]")).TextContent.ShouldContain("You had typed what I typed here.");
        await kept.PressAsync("Restore");

        restored.ShouldBe("what I typed");
        kept.FindAll("[role=status]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_OfSomebodyElseInTheSameTab_IsNotOffered()
    {
        Keeps("playground", "what ada typed");
        _console.Person.SetAuthorized("bob");
        IRenderedComponent<KeptText> kept = Render("playground", "", _ => { });

        await kept.WaitForAssertionAsync(() => _console.JSInterop.Invocations["read"].ShouldHaveSingleItem().Arguments.ShouldBe(["console:bob:playground"]));

        kept.FindAll("[role=status]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_ThatIsThereAnyway_IsNotOffered()
    {
        // Browsers send a text area's lines with CR LF.
        Keeps("draft:1", "a: 1\r\nb: 2");
        IRenderedComponent<KeptText> kept = Render("draft:1", "a: 1\nb: 2", _ => { });

        await kept.WaitForAssertionAsync(() => _console.JSInterop.Invocations["read"].Count.ShouldBe(1));

        kept.FindAll("[role=status]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_Discarded_IsForgotten()
    {
        BunitJSModuleInterop module = Keeps("playground", "what I typed");
        IRenderedComponent<KeptText> kept = Render("playground", "", _ => { });
        await kept.WaitForElementAsync("[role=status]");

        await kept.PressAsync("Discard");

        module.Invocations["keep"][^1].Arguments.ShouldBe(["console:ada:playground", "", true]);
        kept.FindAll("[role=status]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_ChangedBeforeThePageHasLooked_IsKeptOnceItHas()
    {
        BunitJSModuleInterop module = _console.JSInterop.SetupModule(Module);
        module.Mode = JSRuntimeMode.Loose;
        JSRuntimeInvocationHandler<string?> read = module.Setup<string?>("read", "console:ada:route:new");
        IRenderedComponent<KeptText> kept = _console.Render<KeptText>(p => p.Add(k => k.Name, "route:new").Add(k => k.Text, "original").Add(k => k.What, "changed this route"));
        await kept.WaitForAssertionAsync(() => read.Invocations.ShouldHaveSingleItem());

        kept.Render(p => p.Add(k => k.Text, "changed"));

        module.Invocations["keep"].ShouldBeEmpty("it would go over what is being looked for");
        read.SetResult(null);
        await kept.WaitForAssertionAsync(() => module.Invocations["keep"].ShouldHaveSingleItem().Arguments.ShouldBe(["console:ada:route:new", "changed", false]));
    }

    [Fact]
    public async Task Route_Changed_IsKeptAndComesBackAsAChange()
    {
        await _console.SimulateAsync("m");
        RouteView route = (await _console.Get<RouteAdministration>().CreateAsync(
            new RouteChange { Name = "r", Steps = new RouteStepView[] { new() { Model = "m" } } }, Actor.System, Xunit.TestContext.Current.CancellationToken)).Value!;
        BunitJSModuleInterop module = Keeps($"route:{route.Id}", null);
        IRenderedComponent<RoutePage> page = _console.Render<RoutePage>(p => p.Add(r => r.Id, route.Id));
        await page.WaitForElementAsync("#route-description");
        await page.ChangeAsync("#route-description", "typed");

        await page.WaitForAssertionAsync(() => module.Invocations["keep"].ShouldContain(i => ((string)i.Arguments[1]!).Contains("typed")));
        string text = (string)module.Invocations["keep"][^1].Arguments[1]!;
        var edits = new RouteEdits(RouteForm.From(route));

        edits.Restore(text).ShouldBeTrue();

        edits.IsChanged.ShouldBeTrue();
        edits.Text.ShouldBe(text);
        edits.Undo();
        edits.IsChanged.ShouldBeFalse();
        edits.Restore("of another version").ShouldBeFalse();
    }

    [Fact]
    public async Task StepsField_NeverLeft_IsShownBeforeItIsTypedAgain()
    {
        await _console.SimulateAsync("m");
        RouteView route = (await _console.Get<RouteAdministration>().CreateAsync(
            new RouteChange { Name = "r", Steps = new RouteStepView[] { new() { Model = "m" }, new() { Provider = "simulated" } } }, Actor.System, Xunit.TestContext.Current.CancellationToken)).Value!;
        BunitJSModuleInterop module = Keeps($"route:{route.Id}", null);
        module.Setup<Dictionary<string, string>?>("readTyped", $"console:ada:route:{route.Id}").SetResult(new() { ["step-2-upstream"] = "gam" });
        IRenderedComponent<RoutePage> page = _console.Render<RoutePage>(p => p.Add(r => r.Id, route.Id));
        await page.WaitForElementAsync(".kept");
        page.FindAll("#step-2-upstream").ShouldBeEmpty();

        await page.PressAsync("Restore");

        await page.WaitForAssertionAsync(() => module.Invocations["retype"].Count.ShouldBe(1));
        page.Find("#step-2-upstream");
    }

    private BunitJSModuleInterop Keeps(string name, string? text)
    {
        BunitJSModuleInterop module = _console.JSInterop.SetupModule(Module);
        module.Mode = JSRuntimeMode.Loose;
        module.Setup<string?>("read", $"console:ada:{name}").SetResult(text);
        return module;
    }

    private IRenderedComponent<KeptText> Render(string name, string text, Action<string> onRestore) => _console.Render<KeptText>(p => p
        .Add(k => k.Name, name).Add(k => k.Text, text).Add(k => k.For, "field").Add(k => k.OnRestore, onRestore));
}
