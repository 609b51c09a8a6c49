using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Forwarding;

/// <summary>Chooses the provider of a request that names no model, or the backend of one that does. Pure but for a backend's turn.</summary>
internal static class PassThroughTarget
{
    public static GatewayError? Choose(
        CatalogSnapshot snapshot,
        GatewayOptions options,
        ApiKey key,
        PassThroughQuery query,
        string? preferred,
        ResourceOwners owners,
        Func<Provider, bool> forwards,
        in RoutingContext context,
        out RoutePlan? plan,
        out Backend? backend)
    {
        backend = null;
        plan = null;
        if (LeadsUp(query.Path))
        {
            return NotFound(query);
        }
        if (query.Model is { } model)
        {
            GatewayError? error = RoutePlanner.Plan(snapshot, options, key, new RouteQuery(model, null, null, preferred, NamedProvider: query.Provider), out plan);
            if (error is not null)
            {
                return error;
            }
            var able = new List<Backend>();
            foreach (RouteStep step in plan!.Steps)
            {
                Backend[] forwarding = [.. step.Backends.Where(b => forwards(b.Provider))];
                able.AddRange(forwarding);
                backend ??= BackendPicker.Pick(step.Policy, forwarding, [], context);
            }
            return backend is not null ? null : able.Count > 0 ? FailoverErrors.NoBackend([.. able], context.NowMs) : new GatewayError(
                GatewayErrorKind.NotServable, $"No provider of the model '{model}' takes requests of this kind.", "model");
        }
        bool mayChoose = key.AllowRouting;
        Provider? provider = query.Provider is { } named
            ? (mayChoose ? Active(snapshot, named) : null)
            : (mayChoose ? Preferred(snapshot, preferred) : null) ?? Owner(snapshot, query, owners) ?? Default(snapshot, options, key, query);
        if (provider is null || !forwards(provider) || !IsAllowed(options, key, provider))
        {
            return NotFound(query);
        }
        backend = RoutePlanner.BackendOf(provider, "");
        plan = new RoutePlan(null, null, [new RouteStep { Backends = [backend] }], RetryOn.None, $"Passed through to {provider.Name}.");
        return null;
    }

    /// <summary>The same answer for what is not there and what is not allowed.</summary>
    public static GatewayError NotFound(PassThroughQuery query) => new(
        GatewayErrorKind.NotFound, $"Unknown request URL: {query.Asked}. Please check the URL for typos; what is passed through needs a provider, which the header X-Provider-Priority may name.", Code: "unknown_url");

    // The server has resolved plain dot segments; what hides in escapes an upstream might resolve, and leave the base URL.
    private static bool LeadsUp(string path) => Uri.UnescapeDataString(path).Split('/', '\\').Any(s => s is "." or "..");

    private static Provider? Active(CatalogSnapshot snapshot, string name) =>
        snapshot.Providers.TryGetValue(name, out Provider? provider) && provider.Active ? provider : null;

    private static Provider? Preferred(CatalogSnapshot snapshot, string? names) => names?
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(n => Active(snapshot, n)).FirstOrDefault(p => p is not null);

    /// <summary>The id of the credential with which what is asked for was made at this provider; null if that is not known.</summary>
    public static string? KeeperAt(Provider provider, PassThroughQuery query, ResourceOwners owners) =>
        Named(query, owners).FirstOrDefault(o => o.Provider == provider.Id).Credential;

    private static Provider? Owner(CatalogSnapshot snapshot, PassThroughQuery query, ResourceOwners owners) => Named(query, owners)
        .Select(o => snapshot.Providers.Values.FirstOrDefault(p => p.Id == o.Provider && p.Active)).FirstOrDefault(p => p is not null);

    // What is to be done with a resource may stand behind a colon, as in Gemini's files/abc:download.
    private static IEnumerable<ResourceOwner> Named(PassThroughQuery query, ResourceOwners owners) =>
        query.Path.Split('/', ':').Concat(query.Resources).Select(owners.Find).OfType<ResourceOwner>();

    // One that is named and not there is not replaced by another: what is kept at a provider is kept nowhere else.
    // Nor is one asked for what is another vendor's, unless it is named for that.
    private static Provider? Default(CatalogSnapshot snapshot, GatewayOptions options, ApiKey key, PassThroughQuery query)
    {
        if ((key.DefaultProvider ?? options.DefaultProvider) is { } name && (query.Vendor == ProviderKind.OpenAI || Active(snapshot, name)?.Kind == query.Vendor))
        {
            return Active(snapshot, name);
        }
        Provider[] all = [.. snapshot.Providers.Values.Where(p => p.Active && p.Kind == query.Vendor)];
        return all.Length == 1 ? all[0] : null;
    }

    private static bool IsAllowed(GatewayOptions options, ApiKey key, Provider provider)
    {
        string permission = PassThroughQuery.Permission + provider.Name;
        return key.Allows(permission)
            && (options.AllowedModels.Count == 0 || options.AllowedModels.Any(p => new ModelPattern(p).Matches(permission)));
    }
}
