using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>The drawing of a route: steps are added on its arrows, put in order by dragging or by arrow keys, and selected to be set.</summary>
public sealed partial class ChainGraph
{
    private readonly Dictionary<StepForm, ElementReference> _heads = [];
    private StepForm? _dragged;
    private StepForm? _over;
    private StepForm? _focusNext;
    private string? _announcement;

    /// <summary>Edited in place.</summary>
    [Parameter, EditorRequired] public RouteForm Form { get; set; } = null!;
    [Parameter, EditorRequired] public RouteEdits Edits { get; set; } = null!;
    [Parameter] public bool ReadOnly { get; set; }
    [Parameter] public ChainSelection Selected { get; set; }
    [Parameter] public EventCallback<ChainSelection> SelectedChanged { get; set; }

    /// <summary>After a step was added, moved or removed.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    /// <summary>Of a dry run; null shows the chain as it stands.</summary>
    [Parameter] public ChainPath? Path { get; set; }

    /// <summary>How backends stand, by id.</summary>
    [Parameter, EditorRequired] public IReadOnlyDictionary<string, HealthView> Health { get; set; } = null!;

    /// <summary>What was wrong when it was to be saved.</summary>
    [Parameter] public IReadOnlyList<CatalogError> Errors { get; set; } = [];

    private string[] Models => [.. Catalog.Current.Models.Where(m => m.DefaultRoute?.Name == Form.Name).Select(m => m.Name)];

    private string When
    {
        get
        {
            string[] moves = [.. RouteForm.Failures.Where(f => Form.RetryOn.Contains(f.Name)).Select(f => f.Label)];
            string[] stops = [.. RouteForm.Failures.Where(f => !Form.RetryOn.Contains(f.Name)).Select(f => f.Label)];
            return moves.Length == 0 ? "never moves on: every failure is answered"
                : stops.Length == 0 ? "moves on after any failure"
                : $"moves on after {string.Join(", ", moves)}; not after {string.Join(", ", stops)}";
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A moved element loses the focus; give it back, so that the next arrow key moves the same step.
        if (_focusNext is { } step)
        {
            _focusNext = null;
            await _heads[step].FocusAsync();
        }
    }

    private bool Is(ChainPart part) => Selected.Part == part;

    private static string Text(bool expanded) => expanded ? "true" : "false";

    private string? Lit(bool on) => Path is null ? null : on ? "lit" : "dim";

    private string Name(StepForm step) => step.Target.Length == 0 ? "not chosen yet" : step.NameIn(Catalog.Current);

    private string Classes(StepForm step, int place) => string.Join(' ', new[]
    {
        Selected.Step == step ? "selected" : null,
        _dragged == step ? "dragged" : null,
        _over == step && _dragged is not null && _dragged != step ? "over" : null,
        Errors.Any(e => e.Path.Contains($".steps[{place}]", StringComparison.Ordinal)) ? "wrong" : null,
        Path?.Serving == place ? "serving" : null,
        Lit(place <= (Path?.Serving ?? int.MaxValue)),
    }.Where(c => c is not null));

    private Task SelectAsync(ChainSelection selection) => SelectedChanged.InvokeAsync(selection);

    private async Task AddAsync(int place)
    {
        IReadOnlyList<ProviderDefinition> providers = Catalog.Current.Definition.Providers;
        var step = new StepForm { Target = providers.Count > 0 ? providers[0].Name : "" };
        Form.Steps.Insert(place, step);
        _announcement = $"Step {place + 1} is added.";
        await SelectAsync(ChainSelection.Of(step));
        await OnChanged.InvokeAsync();
        _focusNext = step;
    }

    private async Task RemoveAsync(StepForm step)
    {
        int place = Form.Steps.IndexOf(step);
        Form.Steps.Remove(step);
        _heads.Remove(step);
        _announcement = $"{Name(step)} is removed. {Form.Steps.Count} steps are left.";
        _focusNext = Form.Steps.Count == 0 ? null : Form.Steps[Math.Min(place, Form.Steps.Count - 1)];
        if (Selected.Step == step)
        {
            await SelectAsync(new ChainSelection(ChainPart.Entry));
        }
        await OnChanged.InvokeAsync();
    }

    private Task OnKeyDownAsync(KeyboardEventArgs e, StepForm step) => ReadOnly ? Task.CompletedTask : e.Key switch
    {
        "ArrowUp" => MoveAsync(step, Form.Steps.IndexOf(step) - 1, true),
        "ArrowDown" => MoveAsync(step, Form.Steps.IndexOf(step) + 1, true),
        "Delete" => RemoveAsync(step),
        _ => Task.CompletedTask,
    };

    private async Task MoveAsync(StepForm step, int to, bool keepFocus)
    {
        int place = Form.Move(step, to);
        _announcement = $"{Name(step)} is now step {place + 1} of {Form.Steps.Count}.";
        _focusNext = keepFocus ? step : null;
        await OnChanged.InvokeAsync();
    }

    private async Task DropOnAsync(StepForm target)
    {
        if (_dragged is { } step && !ReadOnly)
        {
            await MoveAsync(step, Form.Steps.IndexOf(target), false);
        }
        EndDrag();
    }

    private void EndDrag() => (_dragged, _over) = (null, null);
}
