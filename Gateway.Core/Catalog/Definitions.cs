namespace Gateway.Core.Catalog;

/// <summary>Where a catalog entry is declared. Entries from a file are read-only in the console and the admin API.</summary>
public enum EntrySource
{
    Database,
    File,
}

/// <summary>
/// The catalog as it is declared (by the database, a YAML file, or code), references by name, not yet checked.
/// <see cref="CatalogSnapshot.Build"/> turns it into what requests read, or into the list of everything wrong with it.
/// </summary>
public sealed record CatalogDefinition
{
    public IReadOnlyList<ProviderDefinition> Providers { get; init; } = [];
    public IReadOnlyList<ModelDefinition> Models { get; init; } = [];
    public IReadOnlyList<RouteDefinition> Routes { get; init; } = [];
    public IReadOnlyList<ApiKeyDefinition> Keys { get; init; } = [];

    /// <summary>What the calls of keys are told by with which none is made any more: id, name, prefix and team. What they have spent stays on the books.</summary>
    public IReadOnlyList<ApiKeyDefinition> RevokedKeys { get; init; } = [];
    public IReadOnlyList<TeamDefinition> Teams { get; init; } = [];

    /// <summary>Limits of teams, models, providers and the whole gateway; a key's own stand with the key.</summary>
    public IReadOnlyList<LimitDefinition> Limits { get; init; } = [];
    public IReadOnlyList<BudgetDefinition> Budgets { get; init; } = [];

    /// <summary>Prices that operators set; they win over the built-in ones.</summary>
    public IReadOnlyList<Accounting.ModelPrice> Prices { get; init; } = [];
}

/// <summary>A named upstream account.</summary>
public sealed record ProviderDefinition
{
    /// <summary>Stable; made by whoever declares it. Runtime state (health, in-flight) is kept under it across changes.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public ProviderKind Kind { get; init; } = ProviderKind.OpenAICompatible;

    /// <summary>http(s), absolute; null takes the vendor's own, where the kind or the profile has one. Without a path it gets its wire's prefix.</summary>
    public string? BaseUrl { get; init; }
    public IReadOnlyList<CredentialDefinition> Credentials { get; init; } = [];

    /// <summary>Further settings by kind, such as <c>api_version</c> or <c>latency_ms</c>; unknown names are refused.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
    public TimeoutSettings Timeouts { get; init; } = new();
    public bool Active { get; init; } = true;

    /// <summary>It takes no new calls; those that run may end.</summary>
    public bool Draining { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>A secret sent upstream, in the clear: lives in memory only.</summary>
public sealed record CredentialDefinition
{
    public required string Id { get; init; }
    public required string Label { get; init; }
    public required string Secret { get; init; }

    /// <summary>Requests per minute this credential may be used for; null is no limit.</summary>
    public int? RpmLimit { get; init; }

    /// <summary>Tokens per minute; null is no limit.</summary>
    public int? TpmLimit { get; init; }

    /// <summary>Not printed: the secret must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"Credential {Label}";
}

/// <summary>Null means: what the next wider setting says (step, provider, gateway, in this order).</summary>
public sealed record TimeoutSettings
{
    public TimeSpan? Connect { get; init; }

    /// <summary>Until the first byte of the upstream's answer, counted from sending.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>Longest silence within an answer.</summary>
    public TimeSpan? Idle { get; init; }

    /// <summary>The whole attempt.</summary>
    public TimeSpan? Total { get; init; }
}

/// <summary>The public name (plus aliases) that a client sends as <c>model</c>.</summary>
public sealed record ModelDefinition
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>The upstream's name for it, used by backends that set none.</summary>
    public string? ModelId { get; init; }
    public IReadOnlyList<string> Aliases { get; init; } = [];
    public bool Active { get; init; } = true;
    public IReadOnlyList<BackendDefinition> Backends { get; init; } = [];

    /// <summary>A JSON object whose members are added to requests that lack them, such as <c>{"temperature":0.7}</c>; null for none.</summary>
    public string? DefaultParamsJson { get; init; }

    /// <summary>True or false overrides the request's reasoning switch (<c>chat_template_kwargs.enable_thinking</c>); null leaves it alone.</summary>
    public bool? ReasoningEnabled { get; init; }

    /// <summary>Put before the system message, or sent as one where there is none.</summary>
    public string? SystemPromptPrefix { get; init; }

    /// <summary>What becomes of a request of which its backend's wire cannot carry everything.</summary>
    public LossPolicy OnLoss { get; init; }

    /// <summary>Name of the route that serves this model when the client names none.</summary>
    public string? DefaultRoute { get; init; }

    /// <summary>How a backend is chosen within a priority: a name of <see cref="Routing.Policies.RoutingPolicies"/>; null is <c>weighted</c>.</summary>
    public string? RoutingPolicy { get; init; }

    /// <summary>Most calls of this model at a time, 1 or more; null is any number.</summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>Most output tokens of an answer: requests that ask for more are lowered to it, and it bounds reservations. Null sets no limit.</summary>
    public int? MaxOutputTokens { get; init; }
    public string? Description { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>One callable target of a model: a provider by name, or a bare URL that makes an openai-compatible one of its own.</summary>
public sealed record BackendDefinition
{
    public required string Id { get; init; }
    public string? Provider { get; init; }
    public string? Url { get; init; }
    public string? UpstreamModel { get; init; }

    /// <summary>1 to 1000: the share of traffic within its priority.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>0 is tried first; a higher number only when all lower ones are out.</summary>
    public int Priority { get; init; }
    public bool Active { get; init; } = true;

    /// <summary>It takes no new calls; those that run may end.</summary>
    public bool Draining { get; init; }

    /// <summary>Most calls at a time, 1 or more; null is any number.</summary>
    public int? MaxConcurrency { get; init; }
}

/// <summary>A named chain of steps; a client picks it with <c>omni_route</c>, a model can have it as its default.</summary>
public sealed record RouteDefinition
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public IReadOnlyList<RouteStepDefinition> Steps { get; init; } = [];

    /// <summary>Which failures move on: any of <c>rate_limit, timeout, connection, server_error, invalid_response, authentication</c>; null is all.</summary>
    public IReadOnlyList<string>? RetryOn { get; init; }

    /// <summary>As <see cref="ModelDefinition.RoutingPolicy"/>, for all steps, and stronger; null leaves it to the models.</summary>
    public string? RoutingPolicy { get; init; }

    /// <summary>
    /// How long a backend has for its first content before another one is asked beside it, 50 ms to 60 s; both may be billed.
    /// Null, the default, never asks two.
    /// </summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>A stream that breaks after it began is gone on with elsewhere, where an upstream can be asked to.</summary>
    public bool RecoverStreams { get; init; }
    public bool Active { get; init; } = true;
    public string? Description { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>Exactly one of <see cref="Provider"/>, <see cref="Model"/> and <see cref="Backend"/> (an id) is set.</summary>
public sealed record RouteStepDefinition
{
    public string? Provider { get; init; }
    public string? Model { get; init; }
    public string? Backend { get; init; }
    public string? UpstreamModel { get; init; }

    /// <summary>Further rounds over this step's backends after all of them failed, 0 to 10; null takes the gateway's setting.</summary>
    public int? Retries { get; init; }

    /// <summary>Pause before the first of these rounds; it doubles each time, with full jitter.</summary>
    public TimeSpan? Backoff { get; init; }

    /// <summary>How long to wait for an upstream that answers 503 while it loads its model; null takes the provider's setting.</summary>
    public TimeSpan? WarmupWait { get; init; }
    public TimeoutSettings Timeouts { get; init; } = new();
}

/// <summary>A key that the gateway issued, known only by its hash.</summary>
public sealed record ApiKeyDefinition
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>The first characters, for recognition, for example <c>ml-3fA9…</c> without the rest.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the key (issued keys), or HMAC-SHA-256 of it (tokens an operator chose): 32 bytes.</summary>
    public required Keys.KeyHash Hash { get; init; }

    /// <summary>True when <see cref="Hash"/> is an HMAC.</summary>
    public bool OperatorChosen { get; init; }
    public bool Active { get; init; } = true;

    /// <summary>Requests per minute; null takes the gateway's default, 0 is unlimited.</summary>
    public int? RpmLimit { get; init; }

    /// <summary>Tokens per minute; null takes the gateway's default, 0 is unlimited.</summary>
    public int? TpmLimit { get; init; }

    /// <summary>Calls at the same time; null is unlimited.</summary>
    public int? MaxParallel { get; init; }

    /// <summary>A team's id or name; null for none.</summary>
    public string? Team { get; init; }

    /// <summary>Who answers for the key, such as an e-mail address; for people only.</summary>
    public string? Owner { get; init; }

    /// <summary>Model names or patterns with <c>*</c>; empty allows all.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>Names of what it may be used for (<see cref="EndpointKindNames.All"/>); empty allows all.</summary>
    public IReadOnlyList<string> AllowedEndpoints { get; init; } = [];

    /// <summary>Addresses and networks (<see cref="Keys.ClientNetworks.TryParse"/>) that it may be used from; empty allows all.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Words to find it by; for people only.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>False: <c>omni_route</c>, <c>omni_provider</c> and <c>X-Provider-Priority</c> of this key's requests are ignored.</summary>
    public bool AllowRouting { get; init; } = true;

    /// <summary>The name of the provider that gets this key's requests that are passed through and name none; null takes the gateway's default.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>The hash before the last rotation; good until <see cref="PreviousUntil"/>. Null when there is none.</summary>
    public Keys.KeyHash? PreviousHash { get; init; }
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Among requests that wait for a place lower goes first, -100 to 100; 0 is the default.</summary>
    public int Priority { get; init; }

    /// <summary>Of how many more calls the content is kept, until <see cref="CaptureUntil"/>; 0 keeps none.</summary>
    public int CaptureMost { get; init; }
    public DateTimeOffset? CaptureUntil { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public EntrySource Source { get; init; }
}
