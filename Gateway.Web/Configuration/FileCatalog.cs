using System.Security.Cryptography;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Web.Administration;
using Gateway.Web.Storage.Catalog;

namespace Gateway.Web.Configuration;

/// <summary>
/// Reads the lists <c>providers</c>, <c>models</c>, <c>routes</c>, <c>keys</c>, <c>teams</c>, <c>limits</c>, <c>budgets</c> and <c>prices</c> of a YAML file; their
/// properties are those of the admin API. Ids come from names, so that they stay the same from start to start.
/// </summary>
internal static class FileCatalog
{
    private const EntrySource Source = EntrySource.File;

    /// <param name="declaredAt">Stands for the entries' time of creation.</param>
    public static CatalogDefinition Read(YamlMap root, byte[] tokenSecret, DateTimeOffset declaredAt) => new()
    {
        Providers = [.. root.Maps("providers").Select(ReadProvider)],
        Models = [.. root.Maps("models").Select(m => ReadModel(m, declaredAt))],
        Routes = [.. root.Maps("routes").Select(ReadRoute)],
        Keys = [.. root.Maps("keys").Select(k => ReadKey(k, tokenSecret, declaredAt)).OfType<ApiKeyDefinition>()],
        Teams = [.. root.Maps("teams").Select(FileLimits.ReadTeam)],
        Limits = [.. root.Maps("limits").Select(FileLimits.ReadLimit)],
        Budgets = [.. root.Maps("budgets").Select(FileLimits.ReadBudget)],
        Prices = [.. root.Maps("prices").Select(ReadPrice)],
    };

    /// <summary>Stable, safe in a URL, and different for different kinds of entry.</summary>
    public static string Id(string kind, string name) =>
        "file-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}/{name}")))[..16];

    private static ProviderDefinition ReadProvider(YamlMap map)
    {
        string name = map.RequiredText("name");
        string kindName = map.Text("kind") ?? ProviderKind.OpenAICompatible.ToName();
        if (!ProviderKinds.TryParse(kindName, out ProviderKind kind))
        {
            map.Error("kind", $"A kind is one of {string.Join(", ", ProviderKinds.All)}.");
            kind = ProviderKind.OpenAICompatible;
        }
        (Dictionary<string, string> settings, TimeoutSettings timeouts) = ProviderSettings.Split(map.Values("settings") ?? [], kind, map.Error);
        List<CredentialDefinition> credentials = [.. map.Maps("credentials").Select((c, i) => ReadCredential(c, name, i))];
        if (map.Text("api_key") is { } secret)
        {
            credentials.Insert(0, new CredentialDefinition { Id = Id("credential", name + "/api_key"), Label = "api_key", Secret = secret });
        }
        var provider = new ProviderDefinition
        {
            Id = Id("provider", name),
            Name = name,
            Kind = kind,
            BaseUrl = map.Text("base_url"),
            Credentials = credentials,
            Settings = settings,
            Timeouts = timeouts,
            Active = map.Boolean("active") ?? true,
            Draining = map.Boolean("draining") ?? false,
            Source = Source,
        };
        map.End();
        return provider;
    }

    private static CredentialDefinition ReadCredential(YamlMap map, string provider, int index)
    {
        string label = map.Text("label") ?? $"key-{index + 1}";
        var credential = new CredentialDefinition
        {
            Id = Id("credential", $"{provider}/{label}"),
            Label = label,
            Secret = map.RequiredText("secret"),
            RpmLimit = map.Integer("rpm_limit", 1),
            TpmLimit = map.Integer("tpm_limit", 1),
        };
        map.End();
        return credential;
    }

    private static ModelDefinition ReadModel(YamlMap map, DateTimeOffset declaredAt)
    {
        string name = map.RequiredText("name");
        YamlMap? reasoning = map.Map("reasoning_config");
        YamlMap? transforms = map.Map("transforms");
        var model = new ModelDefinition
        {
            Id = Id("model", name),
            Name = name,
            ModelId = map.Text("model_id"),
            Aliases = map.Texts("aliases") ?? [],
            Active = map.Boolean("active") ?? true,
            Backends = [.. map.Maps("backends").Select((b, i) => ReadBackend(b, name, i))],
            DefaultParamsJson = map.Json("default_params"),
            ReasoningEnabled = reasoning?.Boolean("enabled"),
            SystemPromptPrefix = transforms?.Text("system_prompt_prefix"),
            OnLoss = ReadLossPolicy(map),
            DefaultRoute = map.Text("default_route"),
            MaxOutputTokens = map.Integer("max_output_tokens", 1),
            RoutingPolicy = map.Text("routing_policy"),
            MaxConcurrency = map.Integer("max_concurrency", 1),
            Description = map.Text("description"),
            CreatedAt = declaredAt,
            Source = Source,
        };
        reasoning?.End();
        transforms?.End();
        map.End();
        return model;
    }

    private static LossPolicy ReadLossPolicy(YamlMap map)
    {
        LossPolicy policy = LossPolicy.Warn;
        if (map.Text("on_loss") is { } name && !LossPolicies.TryParse(name, out policy))
        {
            map.Error("on_loss", $"One of {string.Join(", ", LossPolicies.All)}.");
        }
        return policy;
    }

    private static BackendDefinition ReadBackend(YamlMap map, string model, int index)
    {
        var backend = new BackendDefinition
        {
            // An own id can be given, for route steps to name.
            Id = map.Text("id") ?? Id("backend", $"{model}/{index}"),
            Provider = map.Text("provider"),
            Url = map.Text("url"),
            UpstreamModel = map.Text("upstream_model"),
            Weight = map.Integer("weight", 1) ?? 1,
            Priority = map.Integer("priority") ?? 0,
            Active = map.Boolean("active") ?? true,
            Draining = map.Boolean("draining") ?? false,
            MaxConcurrency = map.Integer("max_concurrency", 1),
        };
        map.End();
        return backend;
    }

    private static RouteDefinition ReadRoute(YamlMap map)
    {
        string name = map.RequiredText("name");
        var route = new RouteDefinition
        {
            Id = Id("route", name),
            Name = name,
            Steps = [.. map.Maps("steps").Select(ReadStep)],
            RetryOn = map.Texts("retry_on"),
            RoutingPolicy = map.Text("routing_policy"),
            HedgeAfter = map.Integer("hedge_after_ms") is { } hedge ? TimeSpan.FromMilliseconds(hedge) : null,
            RecoverStreams = map.Boolean("recover_streams") ?? false,
            Active = map.Boolean("active") ?? true,
            Description = map.Text("description"),
            Source = Source,
        };
        map.End();
        return route;
    }

    private static RouteStepDefinition ReadStep(YamlMap map)
    {
        var step = new RouteStepDefinition
        {
            Provider = map.Text("provider"),
            Model = map.Text("model"),
            Backend = map.Text("backend"),
            UpstreamModel = map.Text("upstream_model"),
            Retries = map.Integer("retries"),
            Backoff = map.Milliseconds("backoff_ms", 0),
            WarmupWait = map.Milliseconds("warmup_wait_ms", 0),
            Timeouts = new TimeoutSettings
            {
                FirstByte = map.Milliseconds("first_byte_timeout_ms"),
                Idle = map.Milliseconds("idle_timeout_ms"),
                Total = map.Milliseconds("timeout_ms"),
            },
        };
        map.End();
        return step;
    }

    private static ApiKeyDefinition? ReadKey(YamlMap map, byte[] tokenSecret, DateTimeOffset declaredAt)
    {
        string name = map.RequiredText("name");
        string? key = map.Text("key");
        string? hash = map.Text("key_hash");
        if ((key is null) == (hash is null))
        {
            map.Error("key", "A key has either its text (key, best from a variable) or its SHA-256 (key_hash).");
        }
        else if (hash is not null && !(hash.Length == 64 && hash.All(char.IsAsciiHexDigit)))
        {
            map.Error("key_hash", "A hash has 64 hexadecimal digits.");
            hash = null;
        }
        var definition = new ApiKeyDefinition
        {
            Id = Id("key", name),
            Name = name,
            Prefix = key is null ? "" : NewKey.PrefixOf(key),
            Hash = key is not null ? KeyHash.OfKey(key).Under(tokenSecret) : hash is not null ? KeyHash.FromHex(hash.ToLowerInvariant()) : default,
            OperatorChosen = key is not null,
            Active = map.Boolean("active") ?? true,
            RpmLimit = map.Integer("rpm_limit"),
            TpmLimit = map.Integer("tpm_limit"),
            MaxParallel = map.Integer("max_parallel"),
            Team = map.Text("team"),
            Owner = map.Text("owner"),
            AllowedModels = map.Texts("allowed_models") ?? [],
            AllowedEndpoints = map.Texts("allowed_endpoints") ?? [],
            AllowedNetworks = map.Texts("allowed_networks") ?? [],
            Tags = map.Texts("tags") ?? [],
            ExpiresAt = map.Instant("expires_at"),
            AllowRouting = map.Boolean("allow_routing") ?? true,
            DefaultProvider = map.Text("default_provider"),
            Priority = map.Integer("priority", -100) ?? 0,
            CreatedAt = declaredAt,
            Source = Source,
        };
        map.End();
        return key is null && hash is null ? null : definition;
    }

    private static ModelPrice ReadPrice(YamlMap map)
    {
        string model = map.RequiredText("model");
        string? provider = map.Text("provider");
        DateTimeOffset from = map.Instant("effective_from") ?? DateTimeOffset.UnixEpoch;
        var price = new ModelPrice
        {
            Model = model,
            Provider = provider,
            EffectiveFrom = from,
            InputPerMillion = map.Money("input_per_million"),
            CachedInputPerMillion = map.Money("cached_input_per_million"),
            CacheWritePerMillion = map.Money("cache_write_per_million"),
            OutputPerMillion = map.Money("output_per_million"),
            SourceUrl = map.Text("source_url"),
            Version = PriceVersions.File + (provider is null ? "" : provider + "/") + $"{model}@{from:yyyy-MM-dd}",
        };
        map.End();
        return price;
    }
}
