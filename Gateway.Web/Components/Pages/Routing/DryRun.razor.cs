using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>Says which backends would serve a request through the route on screen, in which order, and why.</summary>
public sealed partial class DryRun
{
    private string _model = "";
    private string _keyId = "";
    private RoutePlan? _plan;
    private string? _error;

    [Parameter, EditorRequired] public RouteForm Form { get; set; } = null!;
    [Parameter, EditorRequired] public string RouteId { get; set; } = "";
    [Inject] public required TimeProvider Time { get; init; }

    // Explaining draws nothing; a context has one all the same.
    private static readonly Random Random = new(0);

    private IEnumerable<ApiKey> Keys => Catalog.Current.Keys.Values.Concat(Catalog.Current.Tokens.Values).OrderBy(k => k.Name, StringComparer.OrdinalIgnoreCase);

    protected override void OnInitialized() => _model = Catalog.Current.Models.Count > 0 ? Catalog.Current.Models[0].Name : "";

    private void Run()
    {
        (_plan, _error) = (null, null);
        CatalogDefinition now = Catalog.Current.Definition;
        RouteDefinition edited = Form.ToDefinition(RouteId);
        var with = now with { Routes = [.. now.Routes.Where(r => r.Id != RouteId && r.Name != edited.Name), edited] };
        IReadOnlyList<CatalogError> errors = CatalogSnapshot.Build(with, Catalog.Current, out CatalogSnapshot? snapshot);
        if (snapshot is null)
        {
            _error = string.Join(" ", errors.Select(e => e.Message));
            return;
        }
        ApiKey key = Keys.FirstOrDefault(k => k.Id == _keyId)
            ?? new ApiKey { Id = "dry-run", Name = "any key", Prefix = "", State = new KeyState() };
        GatewayError? refused = RoutePlanner.Plan(snapshot, Options(), key, new RouteQuery(_model, edited.Name, null, null), out _plan);
        if (refused is not null)
        {
            (_plan, _error) = (null, $"Refused with {refused.StatusCode}: {refused.Message}");
        }
        else if (!key.AllowRouting)
        {
            _error = $"{key.Name} may not choose routes: the route would be ignored.";
        }
    }

    private IReadOnlyList<BackendVerdict> Judge(RouteStep step) => BackendPicker.Explain(step.Policy, step.Backends, new RoutingContext
    {
        NowMs = (long)Time.GetElapsedTime(0).TotalMilliseconds,
        Now = Time.GetUtcNow(),
        Prices = Catalog.Current.Prices,
        Breaker = Options().Breaker,
        Random = Random,
    });

    private string Why(RoutePlan plan, int place)
    {
        RouteStep step = plan.Steps[place];
        GatewayOptions options = Options();
        int rounds = 1 + (step.Retries ?? options.MaxRetries);
        string share = step.Backends.Length > 1 ? $"chosen by {step.Policy.Name}, " : "";
        Timeouts timeouts = options.TimeoutsFor(step.Backends[0].Provider, step);
        string when = place == 0 ? "First" : "When the steps before failed";
        return $"{when}; {share}{(rounds == 1 ? "tried once" : $"up to {rounds} rounds")}, first byte within {Show.Duration(timeouts.FirstByte)}.";
    }
}
