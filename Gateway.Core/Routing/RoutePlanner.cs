using Gateway.Core.Catalog;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Routing;

/// <summary>What of a request decides its way.</summary>
/// <param name="Model">As the client sent it.</param>
/// <param name="Route"><c>omni_route</c>.</param>
/// <param name="PinnedProvider"><c>omni_provider</c>: this one or none.</param>
/// <param name="PreferredProvider"><c>X-Provider-Priority</c>: this one first; several are separated by commas.</param>
/// <param name="KeptBy">The provider that keeps the answer which the request goes on from: this one or none, whatever else is asked.</param>
/// <param name="NamedProvider">The path names this one (<c>/providers/{name}/…</c>), for a model of the catalog or one of its own.</param>
public readonly record struct RouteQuery(
    string Model, string? Route, string? PinnedProvider, string? PreferredProvider, string? KeptBy = null, string? NamedProvider = null);

/// <summary>Turns a request into the ordered steps that may serve it. Pure: the same snapshot and query give the same plan.</summary>
public static class RoutePlanner
{
    private const int MaxOtherBackends = 1000;

    /// <summary>The plan, or why there is none.</summary>
    public static GatewayError? Plan(CatalogSnapshot snapshot, GatewayOptions options, ApiKey key, in RouteQuery query, out RoutePlan? plan)
    {
        plan = null;
        if (query.NamedProvider is { } asked && (!key.AllowRouting || !IsActive(snapshot, asked)))
        {
            return new GatewayError(
                GatewayErrorKind.NotFound, $"There is no provider named '{Cut(asked)}', or this key may not choose one.", Code: "provider_not_found");
        }
        Model? model = snapshot.FindModel(query.Model);
        if (model is null ? !MayPassThrough(snapshot, options, key, query) : !IsAllowed(options, key, model))
        {
            return ModelNotFound(query.Model);
        }
        GatewayError? error = null;
        if ((query.KeptBy ?? query.NamedProvider ?? (key.AllowRouting ? query.PinnedProvider : null)) is { } pinned)
        {
            error = PlanPinned(snapshot, model, query.Model, pinned, out plan);
        }
        else if (key.AllowRouting && query.Route is { } name)
        {
            error = snapshot.Routes.TryGetValue(name, out Route? route)
                ? null
                : new GatewayError(GatewayErrorKind.InvalidRequest, $"There is no route named '{Cut(name)}'.", "omni_route", "route_not_found");
            plan = route is null ? null : PlanRoute(model, query.Model, route, $"The request names the route {route.Name}.");
        }
        else
        {
            plan = model?.DefaultRoute is { } route
                ? PlanRoute(model, query.Model, route, $"{model.Name} has the default route {route.Name}.")
                : PlanModel(snapshot, options, model, query.Model);
        }
        if (error is null && key.AllowRouting && query.PreferredProvider is not null && query.PinnedProvider is null && query.KeptBy is null && query.NamedProvider is null)
        {
            plan = Prefer(snapshot, plan!, query);
        }
        return error ?? (plan!.Steps.Length == 0 ? NoBackend(query.Model) : null);
    }

    /// <summary>The same answer for unknown and forbidden names, so that names cannot be probed.</summary>
    public static GatewayError ModelNotFound(string model) => new(
        GatewayErrorKind.ModelNotFound,
        $"The model '{Cut(model)}' does not exist or you do not have access to it.",
        "model",
        "model_not_found");

    private static GatewayError NoBackend(string model) => new(
        GatewayErrorKind.NoBackend,
        $"The model '{Cut(model)}' has no active backend at the moment.",
        RetryAfter: TimeSpan.FromSeconds(5));

    /// <summary>Whether key and settings (<c>ALLOW_MODELS</c>) let a model be called.</summary>
    public static bool IsAllowed(GatewayOptions options, ApiKey key, Model model) =>
        key.Allows(model) && (options.AllowedModels.Count == 0 || options.AllowedModels.Any(a => new ModelPattern(a).Matches(model.Name)));

    /// <summary>Whether a name that no model has may be called all the same, since the default provider takes it.</summary>
    public static bool IsTakenByDefault(CatalogSnapshot snapshot, GatewayOptions options, ApiKey key, string name) =>
        snapshot.FindModel(name) is null && MayPassThrough(snapshot, options, key, new RouteQuery(name, null, null, null));

    private static bool MayPassThrough(CatalogSnapshot snapshot, GatewayOptions options, ApiKey key, in RouteQuery query)
    {
        string name = query.Model;
        return (query.NamedProvider ?? options.DefaultProvider) is { } provider
            && IsActive(snapshot, provider)
            && key.Allows(name)
            && (options.AllowedModels.Count == 0 || options.AllowedModels.Any(a => new ModelPattern(a).Matches(name)));
    }

    private static bool IsActive(CatalogSnapshot snapshot, string provider) =>
        snapshot.Providers.TryGetValue(provider, out Provider? found) && found.Active;

    private static GatewayError? PlanPinned(CatalogSnapshot snapshot, Model? model, string name, string pinned, out RoutePlan? plan)
    {
        plan = null;
        if (snapshot.FindProvider(pinned) is not { Active: true } provider)
        {
            return new GatewayError(GatewayErrorKind.InvalidRequest, $"There is no active provider named '{Cut(pinned)}'.", "omni_provider", "provider_not_found");
        }
        plan = new RoutePlan(model, null, [new RouteStep { Backends = BackendsOn(provider, model, name), Policy = model?.Policy ?? RoutingPolicies.Weighted }], RetryOn.All, $"The request pins the provider {provider.Name}.");
        return null;
    }

    private static RoutePlan PlanRoute(Model? model, string name, Route route, string reason)
    {
        // Steps that name only a provider take the request's model; the others are ready as they stand.
        bool ready = route.Steps.All(s => s.Backends.Length > 0);
        RouteStep[] steps = ready ? route.Steps : [.. route.Steps.Select(s => Resolve(s, route, model, name)).Where(s => s.Backends.Length > 0)];
        return new RoutePlan(model, route.Name, steps, route.RetryOn, reason) { HedgeAfter = route.HedgeAfter, RecoverStreams = route.RecoverStreams };
    }

    private static RouteStep Resolve(RouteStep step, Route route, Model? model, string name) =>
        step.Backends.Length > 0 || step.Provider is not { Active: true } provider || step.UpstreamModel is not null ? step : new RouteStep
        {
            Provider = provider,
            Backends = BackendsOn(provider, model, name),
            Retries = step.Retries,
            Backoff = step.Backoff,
            Timeouts = step.Timeouts,
            Policy = route.Policy ?? model?.Policy ?? RoutingPolicies.Weighted,
            WarmupWait = step.WarmupWait,
        };

    private static RoutePlan PlanModel(CatalogSnapshot snapshot, GatewayOptions options, Model? model, string name)
    {
        if (model is not null)
        {
            return model.Plan ??= new RoutePlan(
                model,
                null,
                model.Backends.Length == 0 ? [] : [new RouteStep { Model = model, Backends = model.Backends, Policy = model.Policy }],
                RetryOn.All,
                $"{model.Name} is served by its own backends.");
        }
        Provider provider = snapshot.Providers[options.DefaultProvider!];
        return new RoutePlan(null, null, [new RouteStep { Backends = BackendsOn(provider, null, name) }], RetryOn.All, $"No model has this name; the default provider {provider.Name} takes it.");
    }

    private static RoutePlan Prefer(CatalogSnapshot snapshot, RoutePlan plan, RouteQuery query)
    {
        var first = new List<RouteStep>();
        foreach (string name in query.PreferredProvider!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (snapshot.FindProvider(name) is { Active: true } provider)
            {
                first.Add(new RouteStep { Backends = BackendsOn(provider, plan.Model, query.Model), Retries = 0, Policy = plan.Model?.Policy ?? RoutingPolicies.Weighted });
            }
        }
        return first.Count == 0 ? plan : plan with
        {
            Steps = [.. first, .. plan.Steps],
            Reason = $"X-Provider-Priority puts {first[0].Backends[0].Provider.Name} first. {plan.Reason}",
        };
    }

    /// <summary>The target of a request that only its provider is known of.</summary>
    internal static Backend BackendOf(Provider provider, string upstreamModel) => BackendsOn(provider, null, upstreamModel)[0];

    /// <summary>The model's backends on that provider; else one made of the provider and the model's own id.</summary>
    private static Backend[] BackendsOn(Provider provider, Model? model, string name)
    {
        Backend[] own = model is null ? [] : [.. model.Backends.Where(b => b.Provider == provider)];
        if (own.Length > 0)
        {
            return own;
        }
        string upstream = model?.ModelId ?? model?.Name ?? name;
        BackendState state = provider.State.OtherBackends.Count < MaxOtherBackends
            ? provider.State.OtherBackends.GetOrAdd(upstream, static _ => new BackendState())
            : new BackendState();
        return
        [
            new Backend
            {
                Id = $"{provider.Id}/{upstream}",
                Provider = provider,
                UpstreamModel = upstream,
                IdHash = ConversationKey.Hash(JsonText.Encode(upstream), 0),
                UpstreamModelJson = JsonText.Encode(upstream),
                State = state,
            },
        ];
    }

    private static string Cut(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
