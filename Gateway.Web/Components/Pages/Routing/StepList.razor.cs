using Gateway.Core.Catalog;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>The steps of a route: added, removed, and put in order by dragging, by arrow keys on the handle, or by buttons.</summary>
public sealed partial class StepList
{
    private readonly Dictionary<StepForm, ElementReference> _handles = [];
    private StepForm? _dragged;
    private StepForm? _over;
    private StepForm? _focusNext;
    private string? _announcement;

    [Inject] public required GatewayCatalog Catalog { get; init; }

    /// <summary>Edited in place.</summary>
    [Parameter, EditorRequired] public RouteForm Form { get; set; } = null!;
    [Parameter] public bool ReadOnly { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A moved element loses the focus; give it back, so that the next arrow key moves the same step.
        if (_focusNext is { } step)
        {
            _focusNext = null;
            await _handles[step].FocusAsync();
        }
    }

    private void Add()
    {
        IReadOnlyList<ProviderDefinition> providers = Catalog.Current.Definition.Providers;
        Form.Steps.Add(new StepForm { Target = providers.Count > 0 ? providers[0].Name : "" });
    }

    private void Remove(StepForm step)
    {
        Form.Steps.Remove(step);
        _handles.Remove(step);
        _announcement = $"Removed. {Form.Steps.Count} steps are left.";
    }

    private Task OnKeyDownAsync(KeyboardEventArgs e, StepForm step)
    {
        int by = e.Key switch { "ArrowUp" => -1, "ArrowDown" => 1, _ => 0 };
        return by == 0 ? Task.CompletedTask : MoveAsync(step, Form.Steps.IndexOf(step) + by, true);
    }

    private Task MoveAsync(StepForm step, int to, bool keepFocus)
    {
        int place = Form.Move(step, to);
        _announcement = $"{TargetName(step)} is now step {place + 1} of {Form.Steps.Count}.";
        _focusNext = keepFocus ? step : null;
        return Task.CompletedTask;
    }

    private async Task DropOn(StepForm target)
    {
        if (_dragged is { } step)
        {
            await MoveAsync(step, Form.Steps.IndexOf(target), false);
        }
        EndDrag();
    }

    private void EndDrag() => (_dragged, _over) = (null, null);

    private string TargetName(StepForm step) => step.Kind == StepTarget.Backend && Catalog.Current.Backends.TryGetValue(step.Target, out Backend? backend)
        ? $"{backend.Provider.Name} · {backend.UpstreamModel}"
        : step.Target;
}
