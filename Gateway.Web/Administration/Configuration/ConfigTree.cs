using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// A catalog as the lists of a configuration file: names instead of ids, and nothing that is at its default. What is compared,
/// and what YAML is written from.
/// </summary>
/// <param name="catalog">Whole: entries refer to each other.</param>
/// <param name="secret">What stands for a credential's secret.</param>
/// <param name="key">What stands for a key that is known only as a token; null leaves it out.</param>
internal sealed class ConfigTree(
    CatalogDefinition catalog, Func<CredentialDefinition, string> secret, Func<ApiKeyDefinition, string?> key)
{
    /// <summary>A member that names the entry for a comparison and is not written.</summary>
    public const string Identity = "$id";

    /// <summary>The lists in the order in which they are written.</summary>
    public static IReadOnlyList<string> Lists { get; } = ["providers", "models", "routes", "teams", "keys", "limits", "budgets", "prices"];

    /// <summary>For comparing: secrets by what tells them apart.</summary>
    public static JsonObject ForComparison(CatalogDefinition catalog) => new ConfigTree(catalog, c => c.Secret, k => k.Hash.ToHex()).Build();

    public JsonObject Build() => new()
    {
        ["providers"] = List(catalog.Providers, Provider),
        ["models"] = List(catalog.Models, Model),
        ["routes"] = List(catalog.Routes, Route),
        ["teams"] = List(catalog.Teams, Team),
        ["keys"] = List(catalog.Keys, Key),
        ["limits"] = List(catalog.Limits, Limit),
        ["budgets"] = List(catalog.Budgets, Budget),
        ["prices"] = List(catalog.Prices, Price),
    };

    private JsonObject Provider(ProviderDefinition p) => new Entry(p.Id)
        .Text("name", p.Name)
        .Text("kind", p.Kind.ToName())
        .Text("base_url", p.BaseUrl)
        .Add("credentials", List(p.Credentials, c => new Entry(c.Id)
            .Text("label", c.Label)
            .Text("secret", secret(c))
            .Number("rpm_limit", c.RpmLimit)
            .Number("tpm_limit", c.TpmLimit).Node))
        .Add("settings", Settings(p))
        .Flag("active", p.Active, otherwise: true)
        .Flag("draining", p.Draining, otherwise: false).Node;

    private static JsonObject Settings(ProviderDefinition p)
    {
        var settings = new JsonObject();
        foreach ((string name, string value) in ProviderSettings.Join(p).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            settings[name] = value;
        }
        return settings;
    }

    private static JsonObject Model(ModelDefinition m) => new Entry(m.Id)
        .Text("name", m.Name)
        .Text("model_id", m.ModelId)
        .Texts("aliases", m.Aliases)
        .Text("description", m.Description)
        .Flag("active", m.Active, otherwise: true)
        .Add("backends", List(m.Backends, b => new Entry(b.Id)
            .Text("id", b.Id)
            .Text("provider", b.Provider)
            .Text("url", b.Url)
            .Text("upstream_model", b.UpstreamModel)
            .Number("weight", b.Weight == 1 ? null : b.Weight)
            .Number("priority", b.Priority == 0 ? null : b.Priority)
            .Flag("active", b.Active, otherwise: true)
            .Flag("draining", b.Draining, otherwise: false)
            .Number("max_concurrency", b.MaxConcurrency).Node))
        .Add("default_params", m.DefaultParamsJson is null ? null : JsonNode.Parse(m.DefaultParamsJson))
        .Add("reasoning_config", m.ReasoningEnabled is { } enabled ? new JsonObject { ["enabled"] = enabled } : null)
        .Add("transforms", m.SystemPromptPrefix is { Length: > 0 } prefix ? new JsonObject { ["system_prompt_prefix"] = prefix } : null)
        .Text("on_loss", m.OnLoss == LossPolicy.Warn ? null : m.OnLoss.ToName())
        .Text("default_route", m.DefaultRoute)
        .Number("max_output_tokens", m.MaxOutputTokens)
        .Text("routing_policy", m.RoutingPolicy)
        .Number("max_concurrency", m.MaxConcurrency).Node;

    private static JsonObject Route(RouteDefinition r) => new Entry(r.Id)
        .Text("name", r.Name)
        .Text("description", r.Description)
        .Flag("active", r.Active, otherwise: true)
        .Add("steps", List(r.Steps, s => new Entry(null)
            .Text("provider", s.Provider)
            .Text("model", s.Model)
            .Text("backend", s.Backend)
            .Text("upstream_model", s.UpstreamModel)
            .Number("retries", s.Retries)
            .Milliseconds("backoff_ms", s.Backoff)
            .Milliseconds("warmup_wait_ms", s.WarmupWait)
            .Milliseconds("first_byte_timeout_ms", s.Timeouts.FirstByte)
            .Milliseconds("idle_timeout_ms", s.Timeouts.Idle)
            .Milliseconds("timeout_ms", s.Timeouts.Total).Node))
        // An empty list moves on after nothing, unlike none.
        .Add("retry_on", r.RetryOn is null ? null : new JsonArray([.. r.RetryOn.Select(v => JsonValue.Create(v))]), keepEmpty: true)
        .Text("routing_policy", r.RoutingPolicy)
        .Milliseconds("hedge_after_ms", r.HedgeAfter)
        .Flag("recover_streams", r.RecoverStreams, otherwise: false).Node;

    private static JsonObject Team(TeamDefinition t) => new Entry(t.Id)
        .Text("name", t.Name)
        .Text("description", t.Description)
        .Texts("owners", t.Owners)
        .Texts("allowed_models", t.AllowedModels)
        .Flag("active", t.Active, otherwise: true).Node;

    private JsonObject Key(ApiKeyDefinition k) => new Entry(k.Id)
        .Text("name", k.Name)
        .Text("key", k.OperatorChosen ? key(k) : null)
        .Text("key_hash", k.OperatorChosen ? null : k.Hash.ToHex())
        .Text("owner", k.Owner)
        .Text("team", k.Team is null ? null : NameOf(ScopeKind.Team, k.Team))
        .Texts("allowed_models", k.AllowedModels)
        .Texts("allowed_endpoints", k.AllowedEndpoints)
        .Texts("allowed_networks", k.AllowedNetworks)
        .Texts("tags", k.Tags)
        .Number("rpm_limit", k.RpmLimit)
        .Number("tpm_limit", k.TpmLimit)
        .Number("max_parallel", k.MaxParallel)
        .Number("priority", k.Priority == 0 ? null : k.Priority)
        .Time("expires_at", k.ExpiresAt)
        .Flag("allow_routing", k.AllowRouting, otherwise: true)
        .Text("default_provider", k.DefaultProvider)
        .Flag("active", k.Active, otherwise: true).Node;

    private JsonObject Limit(LimitDefinition l) => new Entry($"{l.Scope.ToName()}/{NameOf(l.Scope, l.Of)}")
        .Text("scope", l.Scope.ToName())
        .Text("of", l.Scope == ScopeKind.Gateway ? null : NameOf(l.Scope, l.Of))
        .Number("rpm_limit", l.Rpm == 0 ? null : l.Rpm)
        .Number("tpm_limit", l.Tpm == 0 ? null : l.Tpm)
        .Number("max_parallel", l.MaxParallel == 0 ? null : l.MaxParallel).Node;

    private JsonObject Budget(BudgetDefinition b) => new Entry(b.Id)
        .Text("name", b.Name)
        .Text("scope", b.Scope.ToName())
        .Text("of", b.Scope == ScopeKind.Gateway ? null : NameOf(b.Scope, b.Of))
        .Money("amount_usd", b.Amount)
        .Text("period", b.Period.ToName())
        .Text("time_zone", b.TimeZone)
        .Time("starts_at", b.From)
        .Time("ends_at", b.Until)
        .Flag("hard", b.Hard, otherwise: true)
        .Money("extra_usd", b.Extra.Value == 0 ? null : b.Extra)
        .Time("extra_until", b.ExtraUntil)
        .Flag("active", b.Active, otherwise: true).Node;

    // A price has no name: it is the one of a model and a provider from an instant on.
    private static JsonObject Price(ModelPrice p) => new Entry($"{p.Provider}/{p.Model}@{Instant(p.EffectiveFrom)}")
        .Text("model", p.Model)
        .Text("provider", p.Provider)
        .Time("effective_from", p.EffectiveFrom == DateTimeOffset.UnixEpoch ? null : p.EffectiveFrom)
        .Money("input_per_million", p.InputPerMillion)
        .Money("cached_input_per_million", p.CachedInputPerMillion)
        .Money("cache_write_per_million", p.CacheWritePerMillion)
        .Money("output_per_million", p.OutputPerMillion)
        .Text("source_url", p.SourceUrl).Node;

    /// <summary>The name behind an id; the id itself where nothing has it.</summary>
    private string NameOf(ScopeKind kind, string of) => ScopeNames.Find(new CatalogDefinition(), catalog, kind, of)?.Name ?? of;

    private static JsonArray List<T>(IEnumerable<T> all, Func<T, JsonObject> build) => [.. all.Select(build)];

    internal static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>One entry in the making: what is null or empty is left out.</summary>
    private readonly struct Entry
    {
        public Entry(string? id)
        {
            if (id is not null)
            {
                Node[Identity] = id;
            }
        }

        public JsonObject Node { get; } = [];

        public Entry Text(string name, string? value) => Add(name, string.IsNullOrEmpty(value) ? null : JsonValue.Create(value));

        public Entry Texts(string name, IReadOnlyList<string>? values) => Add(name, values is null ? null : new JsonArray([.. values.Select(v => JsonValue.Create(v))]));

        public Entry Number(string name, int? value) => Add(name, value is { } number ? JsonValue.Create(number) : null);

        public Entry Flag(string name, bool value, bool otherwise) => Add(name, value == otherwise ? null : JsonValue.Create(value));

        public Entry Milliseconds(string name, TimeSpan? value) => Add(name, value is { } time ? JsonValue.Create((long)time.TotalMilliseconds) : null);

        public Entry Time(string name, DateTimeOffset? value) => Add(name, value is { } at ? JsonValue.Create(Instant(at)) : null);

        public Entry Money(string name, NanoUsd? value) =>
            Add(name, value is { } money ? JsonValue.Create(decimal.Parse(money.ToString(), CultureInfo.InvariantCulture)) : null);

        public Entry Add(string name, JsonNode? value, bool keepEmpty = false)
        {
            if (value is not null && (keepEmpty || value is not (JsonArray { Count: 0 } or JsonObject { Count: 0 })))
            {
                Node[name] = value;
            }
            return this;
        }
    }
}
