using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capture;
using Gateway.Core.Keys;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Catalog;

/// <summary>Turns a definition into a snapshot, collecting every error instead of stopping at the first.</summary>
internal sealed partial class CatalogBuilder(CatalogDefinition definition, CatalogSnapshot previous)
{
    private readonly List<CatalogError> _errors = [];
    private readonly Dictionary<string, Backend> _backends = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Model> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Route> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Model> _previousModels = previous.Models.ToDictionary(m => m.Id);
    private readonly Dictionary<KeyHash, ApiKey> _replacedKeys = [];
    private readonly Dictionary<string, ApiKey> _previousKeys = previous.Keys.Values.Concat(previous.Tokens.Values).ToDictionary(k => k.Id);

    public IReadOnlyList<CatalogError> Errors => _errors;

    /// <summary>Null when there are <see cref="Errors"/>.</summary>
    public CatalogSnapshot? Build()
    {
        CheckUniqueNames();
        BuildScopes();
        foreach (ProviderDefinition provider in definition.Providers)
        {
            AddProvider(provider);
        }
        // Routes refer to models, and models to their default route: models first without it, then routes, then the links.
        Dictionary<string, Model> byName = new(StringComparer.Ordinal);
        foreach (ModelDefinition model in definition.Models)
        {
            byName[model.Name] = BuildModel(model, null);
        }
        foreach (RouteDefinition route in definition.Routes)
        {
            AddRoute(route, byName);
        }
        foreach (ModelDefinition model in definition.Models)
        {
            AddModel(model, byName[model.Name]);
        }
        var keys = new Dictionary<KeyHash, ApiKey>();
        var tokens = new Dictionary<KeyHash, ApiKey>();
        foreach (ApiKeyDefinition key in definition.Keys)
        {
            AddKey(key, key.OperatorChosen ? tokens : keys);
        }
        CheckPrices();
        return _errors.Count > 0 ? null : new CatalogSnapshot(
            previous.Version + 1,
            definition,
            _providers.ToFrozenDictionary(StringComparer.Ordinal),
            _models.ToFrozenDictionary(StringComparer.Ordinal),
            _backends.ToFrozenDictionary(StringComparer.Ordinal),
            _routes.ToFrozenDictionary(StringComparer.Ordinal),
            keys.ToFrozenDictionary(),
            tokens.ToFrozenDictionary(),
            _replacedKeys.ToFrozenDictionary(),
            new PriceTable(definition.Prices))
        {
            Addresses = _addresses.ToFrozenDictionary(StringComparer.Ordinal),
            Teams = _teams.ToFrozenDictionary(StringComparer.Ordinal),
            Scopes = _scopes.ToFrozenDictionary(),
            Budgets = _budgets.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private void Error(string path, string message) => _errors.Add(new CatalogError(path, message));

    private void CheckUniqueNames()
    {
        CheckUnique("providers", definition.Providers.Select(p => p.Name));
        CheckUnique("models", definition.Models.SelectMany(m => m.Aliases.Prepend(m.Name)));
        CheckUnique("routes", definition.Routes.Select(r => r.Name));
        CheckUnique("keys", definition.Keys.Select(k => k.Id));
        CheckUnique("teams", definition.Teams.Select(t => t.Name));
        CheckUnique("budgets", definition.Budgets.Select(b => b.Name));
    }

    private void CheckUnique(string list, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl))
            {
                Error($"{list}[{name}]", "A name has 1 to 200 characters and no control characters.");
            }
            else if (!seen.Add(name))
            {
                Error($"{list}[{name}]", "The name is used twice.");
            }
        }
    }

    private IRoutingPolicy? PolicyOf(string path, string? name)
    {
        if (name is null)
        {
            return null;
        }
        if (!RoutingPolicies.TryFind(name, out IRoutingPolicy? policy))
        {
            Error($"{path}.routing_policy", $"\"{name}\" is none of {string.Join(", ", RoutingPolicies.All.Select(p => p.Name))}.");
        }
        return policy;
    }

    private int ConcurrencyOf(string path, int? most)
    {
        if (most < 1)
        {
            Error($"{path}.max_concurrency", "At least 1, or null for any number.");
        }
        return most ?? 0;
    }

    private Model BuildModel(ModelDefinition m, Route? defaultRoute)
    {
        string path = $"models[{m.Name}]";
        var backends = new List<Backend>();
        for (int i = 0; i < m.Backends.Count; i++)
        {
            if (BuildBackend($"{path}.backends[{i}]", m, m.Backends[i]) is { } backend)
            {
                _backends[backend.Id] = backend;
                if (backend.Active && backend.Provider.Active)
                {
                    backends.Add(backend);
                }
            }
        }
        return new Model
        {
            Id = m.Id,
            Name = m.Name,
            ModelId = m.ModelId,
            Aliases = m.Aliases,
            Backends = [.. backends.OrderBy(b => b.Priority)],
            DefaultParams = ParseDefaults($"{path}.default_params", m.DefaultParamsJson),
            ReasoningEnabled = m.ReasoningEnabled,
            SystemPromptPrefix = string.IsNullOrEmpty(m.SystemPromptPrefix) ? null : m.SystemPromptPrefix,
            OnLoss = m.OnLoss,
            DefaultRoute = defaultRoute,
            MaxOutputTokens = m.MaxOutputTokens,
            Policy = PolicyOf(path, m.RoutingPolicy) ?? RoutingPolicies.Weighted,
            MaxConcurrency = ConcurrencyOf(path, m.MaxConcurrency),
            Created = m.CreatedAt.ToUnixTimeSeconds(),
            Limits = _scopes.GetValueOrDefault((Limits.ScopeKind.Model, m.Id)),
            State = _previousModels.TryGetValue(m.Id, out Model? old) ? old.State : new ModelState(),
        };
    }

    private Backend? BuildBackend(string path, ModelDefinition m, BackendDefinition b)
    {
        if (b.Weight is < 1 or > 1000)
        {
            Error($"{path}.weight", "A weight is 1 to 1000.");
        }
        Provider? provider;
        if (b.Provider is not null)
        {
            if (!_providers.TryGetValue(b.Provider, out provider))
            {
                Error($"{path}.provider", $"There is no provider named \"{b.Provider}\".");
                return null;
            }
        }
        else if (UpstreamAddress.TryParse(b.Url, ProviderKind.OpenAICompatible, out Uri? url, out string? reason))
        {
            provider = AddressOf(url, b.Url!);
        }
        else
        {
            Error($"{path}.url", b.Url is null ? "A backend needs a provider or a url." : reason);
            return null;
        }
        string upstreamModel = b.UpstreamModel ?? m.ModelId ?? m.Name;
        if (DotSegments.In(upstreamModel))
        {
            Error($"{path}.upstream_model", "A model's name has no \".\" or \"..\" between slashes.");
            return null;
        }
        return NewBackend(b.Id, provider, upstreamModel, b.Weight, b.Priority, b.Active, b.Draining, ConcurrencyOf(path, b.MaxConcurrency));
    }

    private Backend NewBackend(string id, Provider provider, string upstreamModel, int weight, int priority, bool active, bool draining = false, int maxConcurrency = 0) => new()
    {
        Id = id,
        IdHash = ConversationKey.Hash(Encoding.UTF8.GetBytes(id), 0),
        Provider = provider,
        UpstreamModel = upstreamModel,
        UpstreamModelJson = JsonText.Encode(upstreamModel),
        Weight = weight,
        Priority = priority,
        Active = active,
        Draining = draining,
        MaxConcurrency = maxConcurrency,
        State = _backends.TryGetValue(id, out Backend? same) ? same.State
            : previous.Backends.TryGetValue(id, out Backend? old) ? old.State : new BackendState(),
    };

    private void AddModel(ModelDefinition m, Model built)
    {
        Route? route = null;
        if (m.DefaultRoute is not null && !_routes.TryGetValue(m.DefaultRoute, out route))
        {
            Error($"models[{m.Name}].default_route", $"There is no active route named \"{m.DefaultRoute}\".");
        }
        if (!m.Active)
        {
            return;
        }
        built.DefaultRoute = route;
        foreach (string name in m.Aliases.Prepend(m.Name))
        {
            _models[name] = built;
        }
    }

    private DefaultParam[] ParseDefaults(string path, string? json)
    {
        if (json is null)
        {
            return [];
        }
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                Error(path, "Default parameters are a JSON object.");
                return [];
            }
            var defaults = new List<DefaultParam>();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name is "model" or "messages" or "stream" or "prompt" or "input")
                {
                    Error($"{path}.{property.Name}", "This one is the client's to set.");
                }
                defaults.Add(new DefaultParam(JsonText.Encode(property.Name), Encoding.UTF8.GetBytes(property.Value.GetRawText())));
            }
            return [.. defaults];
        }
        catch (JsonException e)
        {
            Error(path, $"Not valid JSON: {e.Message}");
            return [];
        }
    }

    private void AddKey(ApiKeyDefinition k, Dictionary<KeyHash, ApiKey> keys)
    {
        string path = $"keys[{k.Name}]";
        CheckLimits(path, k.RpmLimit, k.TpmLimit, k.MaxParallel);
        if (k.Priority is < -100 or > 100)
        {
            Error($"{path}.priority", "A priority is -100 to 100.");
        }
        EndpointKinds endpoints = EndpointsOf(path, k);
        IPNetwork[] networks = NetworksOf(path, k);
        KeyState state = _previousKeys.TryGetValue(k.Id, out ApiKey? old) ? old.State : new KeyState();
        Team? team = TeamOf(path, k);
        Limits.LimitScope[] scopes = ScopesOf(k, state, team);
        CaptureOrder? capture = CaptureOf(k, old?.Capture);
        if (!keys.TryAdd(k.Hash, KeyUntil(k.ExpiresAt)))
        {
            Error(path, "Another key has the same hash.");
        }
        if (k is { PreviousHash: { } replaced, PreviousUntil: { } until })
        {
            _replacedKeys.TryAdd(replaced, KeyUntil(k.ExpiresAt is { } end && end < until ? end : until));
        }

        ApiKey KeyUntil(DateTimeOffset? end) => new()
        {
            Id = k.Id,
            Name = k.Name,
            Prefix = k.Prefix,
            Active = k.Active && team is not { Active: false },
            ExpiresAt = end,
            Team = team,
            Scopes = scopes,
            RpmLimit = k.RpmLimit,
            TpmLimit = k.TpmLimit,
            AllowedModels = [.. k.AllowedModels.Select(a => new ModelPattern(a))],
            AllowedEndpoints = endpoints,
            AllowedNetworks = networks,
            AllowRouting = k.AllowRouting,
            DefaultProvider = k.DefaultProvider,
            Priority = k.Priority,
            Capture = capture,
            State = state,
        };
    }

    private EndpointKinds EndpointsOf(string path, ApiKeyDefinition key)
    {
        EndpointKinds endpoints = EndpointKinds.None;
        for (int i = 0; i < key.AllowedEndpoints.Count; i++)
        {
            if (!EndpointKindNames.TryParse(key.AllowedEndpoints[i], out EndpointKinds kind))
            {
                Error($"{path}.allowed_endpoints[{i}]", $"One of {string.Join(", ", EndpointKindNames.All)}.");
            }
            endpoints |= kind;
        }
        return endpoints;
    }

    private IPNetwork[] NetworksOf(string path, ApiKeyDefinition key)
    {
        var networks = new IPNetwork[key.AllowedNetworks.Count];
        for (int i = 0; i < networks.Length; i++)
        {
            if (!ClientNetworks.TryParse(key.AllowedNetworks[i], out networks[i]))
            {
                Error($"{path}.allowed_networks[{i}]", $"\"{key.AllowedNetworks[i]}\" is neither an address nor a network, as 203.0.113.7 and 203.0.113.0/24 are.");
            }
        }
        return networks;
    }

    // The one that counts already goes on; what is declared of it may be older than its count, or know of other nodes'.
    private static CaptureOrder? CaptureOf(ApiKeyDefinition key, CaptureOrder? old)
    {
        if (key is not { CaptureMost: > 0, CaptureUntil: { } until })
        {
            return null;
        }
        if (old?.Until != until)
        {
            return new CaptureOrder(key.CaptureMost, until);
        }
        old.LowerTo(key.CaptureMost);
        return old;
    }

    private void CheckTimeouts(string path, TimeoutSettings t)
    {
        foreach (TimeSpan? timeout in (ReadOnlySpan<TimeSpan?>)[t.Connect, t.FirstByte, t.Idle, t.Total])
        {
            if (timeout is { } value && (value <= TimeSpan.Zero || value > TimeSpan.FromHours(24)))
            {
                Error(path, "A timeout is more than 0 and at most 24 hours.");
            }
        }
    }

    private void CheckPrices()
    {
        foreach (ModelPrice price in definition.Prices)
        {
            foreach (NanoUsd? part in (ReadOnlySpan<NanoUsd?>)[price.InputPerMillion, price.CachedInputPerMillion, price.CacheWritePerMillion, price.OutputPerMillion])
            {
                if (part is { Value: < 0 })
                {
                    Error($"prices[{price.Model}]", "A price is not negative.");
                }
            }
        }
    }
}
