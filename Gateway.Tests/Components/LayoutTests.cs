using Bunit;
using Gateway.Web.Components.Layout;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>The frame around every page.</summary>
public sealed class LayoutTests : IAsyncLifetime
{
    private ConsoleContext _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleContext.CreateAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Menu_OpenedOnAPhone_TakesTheFocus_AndGivesItBackWithEscape()
    {
        _console.ComponentFactories.AddStub<EnvironmentBadge>();
        _console.ComponentFactories.AddStub<AccountPanel>();
        IRenderedComponent<MainLayout> layout = _console.Render<MainLayout>();
        await layout.ClickAsync("[aria-label='Open the menu']");
        layout.Find("#main").ParentElement!.HasAttribute("inert").ShouldBeTrue();
        FocusedCount().ShouldBe(1);

        await layout.KeyDownAsync("#sidebar", "Escape");
        layout.Find("#sidebar").ClassList.ShouldNotContain("open");
        layout.Find("#main").ParentElement!.HasAttribute("inert").ShouldBeFalse();
        FocusedCount().ShouldBe(2);
    }

    private int FocusedCount() => _console.JSInterop.Invocations.Count(i => i.Identifier == "Blazor._internal.domWrapper.focus");
}
