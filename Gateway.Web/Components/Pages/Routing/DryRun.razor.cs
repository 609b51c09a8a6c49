using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Routing;
using Gateway.Web.Administration;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>Says which backend would serve a request through the route on screen, and why; the drawing shows the way.</summary>
public sealed partial class DryRun
{
    private string _model = "";
    private string _keyId = "";
    private string? _error;

    [Parameter, EditorRequired] public RouteForm Form { get; set; } = null!;
    [Parameter, EditorRequired] public string RouteId { get; set; } = "";

    /// <summary>What it came to; null before, and after the route was changed.</summary>
    [Parameter] public ChainPath? Path { get; set; }
    [Parameter] public EventCallback<ChainPath?> PathChanged { get; set; }

    private IEnumerable<KeyChoice> Keys() => Catalog.Current.Keys.Values.Concat(Catalog.Current.Tokens.Values).Select(KeyChoice.Of);

    protected override void OnInitialized() => _model = Catalog.Current.Models.Count > 0 ? Catalog.Current.Models[0].Name : "";

    private Task Clear()
    {
        _error = null;
        return PathChanged.InvokeAsync(null);
    }

    private Task RunAsync()
    {
        ChainPath? path = Plan(out _error);
        return PathChanged.InvokeAsync(path);
    }

    private ChainPath? Plan(out string? error)
    {
        CatalogDefinition now = Catalog.Current.Definition;
        RouteDefinition edited = Form.ToDefinition(RouteId);
        var with = now with { Routes = [.. now.Routes.Where(r => r.Id != RouteId && r.Name != edited.Name), edited] };
        IReadOnlyList<CatalogError> errors = CatalogSnapshot.Build(with, Catalog.Current, out CatalogSnapshot? snapshot);
        if (snapshot is null)
        {
            error = string.Join(" ", errors.Select(e => e.Message));
            return null;
        }
        ApiKey key = CallExplainer.FindKey(Catalog.Current, _keyId) ?? CallExplainer.AnyKey;
        GatewayError? refused = RoutePlanner.Plan(snapshot, Options(), key, new RouteQuery(_model, edited.Name, null, null), out RoutePlan? plan);
        error = refused is not null ? $"Refused with {refused.StatusCode}: {refused.Message}"
            : key.AllowRouting ? null
            : $"{key.Name} may not choose routes: the route would be ignored.";
        // The planner leaves out steps without a backend. Each keeps the timeouts that it was declared with, the very same object.
        return error is not null ? null : new ChainPath(
            [.. edited.Steps.Select(s => plan!.Steps.FirstOrDefault(p => ReferenceEquals(p.Timeouts, s.Timeouts)) is { } step ? Explainer.Judge(step) : null)],
            plan!.Reason);
    }

    private static string Outcome(ChainPath path)
    {
        if (path.Taken is not { Backend: { } backend })
        {
            return "No backend may be called now: the client would get an error.";
        }
        int passed = path.Serving!.Value;
        string before = passed == 0 ? "" : passed == 1 ? ", since none of step 1 may be called now" : $", since none of steps 1 to {passed} may be called now";
        return $"Step {passed + 1} would serve it: {backend.UpstreamModel} on {backend.Provider.Name}{before}.";
    }
}
