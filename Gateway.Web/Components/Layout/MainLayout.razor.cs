using Gateway.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace Gateway.Web.Components.Layout;

/// <summary>The frame around every page. On phones the sidebar is a drawer, which closes when a page is chosen.</summary>
public sealed partial class MainLayout : IDisposable
{
    private ElementReference _opener;
    private ElementReference _closer;
    private bool _open;
    private bool _opened;
    private ErrorBoundary? _boundary;

    [Inject] public required NavigationManager Navigation { get; init; }
    [Inject] public required IServiceProvider Services { get; init; }

    // Not every host of the layout has the gateway's options (component tests have not).
    private bool AuthenticationIsOff => Services.GetService<Func<GatewayOptions>>()?.Invoke().AuthDisabled ?? false;

    private string Path => new Uri(Navigation.Uri).PathAndQuery;

    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    public void Dispose() => Navigation.LocationChanged -= OnLocationChanged;

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        _boundary?.Recover();
        Close();
        _ = InvokeAsync(StateHasChanged);
    }

    // Whoever opened it with the keyboard goes on in it, and comes back to where they were.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_opened)
        {
            _opened = false;
            await _closer.FocusAsync();
        }
    }

    private void Open() => _open = _opened = true;

    private Task OnKeyDownAsync(KeyboardEventArgs e) => _open && e.Key == "Escape" ? LeaveMenuAsync() : Task.CompletedTask;

    private async Task LeaveMenuAsync()
    {
        Close();
        await _opener.FocusAsync();
    }

    private void Close() => _open = false;
}
