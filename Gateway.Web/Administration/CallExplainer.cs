using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Web.Administration;

/// <summary>
/// Says of a call that was not made which backend of this node would serve it now, and why: the request path's own planner and
/// picker are asked, and nothing is moved by it.
/// </summary>
internal sealed class CallExplainer(GatewayCatalog catalog, Func<GatewayOptions> options, TimeProvider time)
{
    /// <summary>Stands for a key that may do everything.</summary>
    public static readonly ApiKey AnyKey = new() { Id = "any", Name = "any key", Prefix = "", State = new KeyState() };

    // Explaining draws nothing; a context has one all the same.
    private static readonly Random Random = new(0);

    /// <summary>The way through the catalog that is in force.</summary>
    public AdministrationResult<CallExplanation> Explain(CallQuestion question)
    {
        if (string.IsNullOrWhiteSpace(question.Model))
        {
            return AdministrationFailure.Invalid("model", "Name the model that is asked for: model=gpt-4o.");
        }
        CatalogSnapshot snapshot = catalog.Current;
        ApiKey? key = FindKey(snapshot, question.KeyId);
        if (key is null)
        {
            return AdministrationFailure.Invalid("key_id", "There is no key with that id. Leave it out to ask for a key that may do everything.");
        }
        var query = new RouteQuery(question.Model, question.Route, question.Provider, question.Prefer);
        GatewayError? refused = RoutePlanner.Plan(snapshot, options(), key, query, out RoutePlan? plan);
        bool ignored = !key.AllowRouting && (question.Route ?? question.Provider ?? question.Prefer) is not null;
        return new CallExplanation
        {
            Refused = refused is null ? null : new CallRefusal(refused.StatusCode, refused.CodeName, refused.Message),
            Reason = refused is not null ? null : ignored ? $"{plan!.Reason} The key may not choose routes, so that what the request asks for is ignored." : plan!.Reason,
            Route = refused is null ? plan!.RouteName : null,
            Steps = refused is null ? [.. plan!.Steps.Select((s, i) => View(s, i + 1))] : [],
        };
    }

    /// <summary>What is thought of a step's backends at this moment.</summary>
    public IReadOnlyList<BackendVerdict> Judge(RouteStep step) => BackendPicker.Explain(step.Policy, step.Backends, new RoutingContext
    {
        NowMs = (long)time.GetElapsedTime(0).TotalMilliseconds,
        Now = time.GetUtcNow(),
        Prices = catalog.Current.Prices,
        Breaker = options().Breaker,
        Random = Random,
    });

    /// <summary>The key with an id, one that may do everything for none, and null for an id that no key has.</summary>
    public static ApiKey? FindKey(CatalogSnapshot snapshot, string? id) =>
        string.IsNullOrEmpty(id) ? AnyKey : snapshot.Keys.Values.Concat(snapshot.Tokens.Values).FirstOrDefault(k => k.Id == id);

    private StepExplanation View(RouteStep step, int number) => new(number, step.Policy.Name,
        [.. Judge(step).Select(v => new BackendExplanation(v.Backend.Id, v.Backend.Provider.Name, v.Backend.UpstreamModel, v.Taken, v.Score, v.Why))]);
}
