using System.Collections.Frozen;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Routing;

namespace Gateway.Core.Catalog;

/// <summary>One consistent, immutable state of the whole catalog. Only the <c>…State</c> objects that it refers to change.</summary>
public sealed class CatalogSnapshot
{
    private readonly FrozenDictionary<string, Model>.AlternateLookup<ReadOnlySpan<char>> _modelsByText;
    private readonly Lazy<FrozenDictionary<string, string>> _teams;

    internal CatalogSnapshot(
        long version,
        CatalogDefinition definition,
        FrozenDictionary<string, Provider> providers,
        FrozenDictionary<string, Model> modelsByName,
        FrozenDictionary<string, Backend> backends,
        FrozenDictionary<string, Route> routes,
        FrozenDictionary<KeyHash, ApiKey> keys,
        FrozenDictionary<KeyHash, ApiKey> tokens,
        FrozenDictionary<KeyHash, ApiKey> replacedKeys,
        PriceTable prices)
    {
        Version = version;
        Definition = definition;
        Providers = providers;
        ModelsByName = modelsByName;
        Backends = backends;
        Routes = routes;
        Keys = keys;
        Tokens = tokens;
        ReplacedKeys = replacedKeys;
        Prices = prices;
        Models = [.. modelsByName.Where(m => m.Key == m.Value.Name).Select(m => m.Value).OrderBy(m => m.Name, StringComparer.Ordinal)];
        _modelsByText = modelsByName.GetAlternateLookup<ReadOnlySpan<char>>();
        _teams = new(() => keys.Values.Concat(tokens.Values).Where(k => k.Team is not null).ToFrozenDictionary(k => k.Id, k => k.Team!.Id));
    }

    public static CatalogSnapshot Empty { get; } = new(
        0,
        new CatalogDefinition(),
        FrozenDictionary<string, Provider>.Empty,
        FrozenDictionary<string, Model>.Empty,
        FrozenDictionary<string, Backend>.Empty,
        FrozenDictionary<string, Route>.Empty,
        FrozenDictionary<KeyHash, ApiKey>.Empty,
        FrozenDictionary<KeyHash, ApiKey>.Empty,
        FrozenDictionary<KeyHash, ApiKey>.Empty,
        new PriceTable([]));

    /// <summary>Grows by one with every swap in this process.</summary>
    public long Version { get; }

    /// <summary>What it was built from.</summary>
    public CatalogDefinition Definition { get; }

    /// <summary>By name; all, active or not.</summary>
    public FrozenDictionary<string, Provider> Providers { get; }

    /// <summary>The servers that backends name by their address alone, by host and port.</summary>
    public FrozenDictionary<string, Provider> Addresses { get; internal init; } = FrozenDictionary<string, Provider>.Empty;

    /// <summary>Registered ones, and those that backends name by their address.</summary>
    public IEnumerable<Provider> AllProviders => Providers.Values.Concat(Addresses.Values);

    /// <summary>Active models by name and by alias.</summary>
    public FrozenDictionary<string, Model> ModelsByName { get; }

    /// <summary>Active models, ordered by name.</summary>
    public IReadOnlyList<Model> Models { get; }

    /// <summary>By id.</summary>
    public FrozenDictionary<string, Backend> Backends { get; }

    /// <summary>
    /// What is known of every backend, with a name for people: of models' and routes' backends by their id, and of those that no model
    /// lists by <c>provider id/upstream model</c>.
    /// </summary>
    public IEnumerable<(string Id, string Name, BackendState State)> BackendStates() =>
        Backends.Values.Select(b => (b.Id, $"{b.Provider.Name} {b.UpstreamModel}", b.State))
            .Concat(AllProviders.SelectMany(p => p.State.OtherBackends.Select(o => ($"{p.Id}/{o.Key}", $"{p.Name} {o.Key}", o.Value))));

    /// <summary>Active routes by name.</summary>
    public FrozenDictionary<string, Route> Routes { get; }

    /// <summary>Issued keys by the SHA-256 that they had before they were rotated; they expire when the overlap is over.</summary>
    public FrozenDictionary<KeyHash, ApiKey> ReplacedKeys { get; }

    /// <summary>Issued keys by SHA-256.</summary>
    public FrozenDictionary<KeyHash, ApiKey> Keys { get; }

    /// <summary>Tokens that operators chose, by HMAC.</summary>
    public FrozenDictionary<KeyHash, ApiKey> Tokens { get; }
    public PriceTable Prices { get; }

    /// <summary>By id; all, active or not.</summary>
    public FrozenDictionary<string, Team> Teams { get; internal init; } = FrozenDictionary<string, Team>.Empty;

    /// <summary>What has limits or budgets declared for it beyond a key's own, by kind and id.</summary>
    public FrozenDictionary<(ScopeKind Kind, string Id), LimitScope> Scopes { get; internal init; } = FrozenDictionary<(ScopeKind, string), LimitScope>.Empty;

    /// <summary>Active budgets by id.</summary>
    public FrozenDictionary<string, Budget> Budgets { get; internal init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>The id of the team that a key, issued or chosen, belongs to; null where there is none.</summary>
    public string? TeamOf(string? keyId) => keyId is null ? null : _teams.Value.GetValueOrDefault(keyId);

    /// <summary>The model of that name or alias; null if there is none.</summary>
    public Model? FindModel(ReadOnlySpan<char> name) => _modelsByText.TryGetValue(name, out Model? model) ? model : null;

    /// <summary>The provider of that name, registered or an address; null if there is none.</summary>
    public Provider? FindProvider(string name) => Providers.GetValueOrDefault(name) ?? Addresses.GetValueOrDefault(name);

    /// <summary>Checks <paramref name="definition"/> and reports everything wrong at once.</summary>
    /// <param name="previous">Whose runtime state lives on in entries of the same id.</param>
    /// <param name="next">Null when there are errors.</param>
    public static IReadOnlyList<CatalogError> Build(
        CatalogDefinition definition, CatalogSnapshot previous, out CatalogSnapshot? next)
    {
        var builder = new CatalogBuilder(definition, previous);
        next = builder.Build();
        return builder.Errors;
    }
}
