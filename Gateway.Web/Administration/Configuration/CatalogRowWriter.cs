using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// Turns declared entries into rows: the reverse of <see cref="CatalogRowReader"/>. What a declaration does not say (ids, times,
/// a key's prefix) comes from the row that is there already.
/// </summary>
internal sealed class CatalogRowWriter(DateTimeOffset now)
{
    public string NewId() => Guid.CreateVersion7(now).ToString();

    public ProviderRow Provider(ProviderDefinition p, ProviderRow? old, Func<CredentialDefinition, CredentialRow?, string> secret)
    {
        string id = old?.Id ?? NewId();
        return new ProviderRow
        {
            Id = id,
            Name = p.Name,
            Kind = p.Kind.ToName(),
            BaseUrl = p.BaseUrl,
            SettingsJson = AdministrationJson.Serialize(p.Settings),
            ConnectTimeoutMs = Milliseconds(p.Timeouts.Connect),
            FirstByteTimeoutMs = Milliseconds(p.Timeouts.FirstByte),
            IdleTimeoutMs = Milliseconds(p.Timeouts.Idle),
            TotalTimeoutMs = Milliseconds(p.Timeouts.Total),
            Active = p.Active,
            Draining = p.Draining,
            CreatedAt = old?.CreatedAt ?? now,
            UpdatedAt = old?.UpdatedAt ?? now,
            Credentials = [.. p.Credentials.Select((c, i) => Credential(c, i, id, old?.Credentials.Find(o => o.Label == c.Label), secret))],
        };
    }

    private CredentialRow Credential(
        CredentialDefinition c, int position, string provider, CredentialRow? old, Func<CredentialDefinition, CredentialRow?, string> secret)
    {
        return new CredentialRow
        {
            Id = old?.Id ?? NewId(),
            ProviderId = provider,
            Label = c.Label,
            EncryptedSecret = secret(c, old),
            RpmLimit = c.RpmLimit,
            TpmLimit = c.TpmLimit,
            Position = position,
            CreatedAt = old?.CreatedAt ?? now,
        };
    }

    /// <param name="hasId">Whether a backend's id was chosen by whoever declared it; another one is the old backend of the same target.</param>
    public ModelRow Model(ModelDefinition m, ModelRow? old, Func<BackendDefinition, bool> hasId)
    {
        string id = old?.Id ?? NewId();
        List<BackendRow> left = [.. old?.Backends.OrderBy(b => b.Position) ?? Enumerable.Empty<BackendRow>()];
        left.RemoveAll(b => m.Backends.Any(d => hasId(d) && d.Id == b.Id));
        return new ModelRow
        {
            Id = id,
            Name = m.Name,
            ModelId = m.ModelId,
            AliasesJson = AdministrationJson.Serialize(m.Aliases),
            Active = m.Active,
            DefaultParamsJson = m.DefaultParamsJson,
            ReasoningEnabled = m.ReasoningEnabled,
            SystemPromptPrefix = m.SystemPromptPrefix,
            OnLoss = m.OnLoss == LossPolicy.Warn ? old?.OnLoss == LossPolicy.Warn.ToName() ? old.OnLoss : null : m.OnLoss.ToName(),
            DefaultRoute = m.DefaultRoute,
            MaxOutputTokens = m.MaxOutputTokens,
            RoutingPolicy = m.RoutingPolicy,
            MaxConcurrency = m.MaxConcurrency,
            Description = m.Description,
            CreatedAt = old?.CreatedAt ?? now,
            UpdatedAt = old?.UpdatedAt ?? now,
            Backends = [.. m.Backends.Select((b, i) => Backend(b, i, id, hasId(b) ? b.Id : Known(left, b) ?? NewId()))],
        };
    }

    private static string? Known(List<BackendRow> left, BackendDefinition b)
    {
        BackendRow? found = left.Find(o => (o.Provider, o.Url, o.UpstreamModel) == (b.Provider, b.Url, b.UpstreamModel));
        if (found is not null)
        {
            left.Remove(found);
        }
        return found?.Id;
    }

    private static BackendRow Backend(BackendDefinition b, int position, string model, string id) => new()
    {
        Id = id,
        ModelId = model,
        Provider = b.Provider,
        Url = b.Url,
        UpstreamModel = b.UpstreamModel,
        Weight = b.Weight,
        Priority = b.Priority,
        Active = b.Active,
        Draining = b.Draining,
        MaxConcurrency = b.MaxConcurrency,
        Position = position,
    };

    public RouteRow Route(RouteDefinition r, RouteRow? old) => new()
    {
        Id = old?.Id ?? NewId(),
        Name = r.Name,
        StepsJson = AdministrationJson.Serialize(r.Steps.Select(s => s.ToView())),
        RetryOnJson = r.RetryOn is null ? null : AdministrationJson.Serialize(r.RetryOn),
        RoutingPolicy = r.RoutingPolicy,
        HedgeAfterMs = (int?)r.HedgeAfter?.TotalMilliseconds,
        RecoverStreams = r.RecoverStreams,
        Active = r.Active,
        Description = r.Description,
        CreatedAt = old?.CreatedAt ?? now,
        UpdatedAt = old?.UpdatedAt ?? now,
    };

    /// <param name="team">The id of the team that the key names.</param>
    public ApiKeyRow Key(ApiKeyDefinition k, ApiKeyRow? old, string? team) => new()
    {
        Id = old?.Id ?? NewId(),
        Name = k.Name,
        Prefix = old?.Prefix ?? k.Prefix,
        Hash = k.Hash.ToHex(),
        Active = k.Active,
        RpmLimit = k.RpmLimit,
        TpmLimit = k.TpmLimit,
        MaxParallel = k.MaxParallel,
        Team = team,
        Owner = k.Owner,
        DefaultProvider = k.DefaultProvider,
        Priority = k.Priority,
        PreviousHash = old?.PreviousHash,
        PreviousUntil = old?.PreviousUntil,
        CaptureMost = old?.CaptureMost ?? 0,
        CaptureUntil = old?.CaptureUntil,
        AllowedModelsJson = AdministrationJson.Serialize(k.AllowedModels),
        AllowedEndpointsJson = k.AllowedEndpoints.Count == 0 ? null : AdministrationJson.Serialize(k.AllowedEndpoints),
        AllowedNetworksJson = k.AllowedNetworks.Count == 0 ? null : AdministrationJson.Serialize(k.AllowedNetworks),
        TagsJson = k.Tags.Count == 0 ? null : AdministrationJson.Serialize(k.Tags),
        ExpiresAt = k.ExpiresAt,
        AllowRouting = k.AllowRouting,
        CreatedAt = old?.CreatedAt ?? now,
        UpdatedAt = old?.UpdatedAt ?? now,
    };

    public TeamRow Team(TeamDefinition t, TeamRow? old) => new()
    {
        Id = old?.Id ?? NewId(),
        Name = t.Name,
        Active = t.Active,
        AllowedModelsJson = AdministrationJson.Serialize(t.AllowedModels),
        OwnersJson = AdministrationJson.Serialize(t.Owners),
        Description = t.Description,
        CreatedAt = old?.CreatedAt ?? now,
        UpdatedAt = old?.UpdatedAt ?? now,
    };

    /// <param name="of">The id of what it limits.</param>
    public LimitRow Limit(LimitDefinition l, LimitRow? old, string of) => new()
    {
        Scope = l.Scope.ToName(),
        Of = of,
        Rpm = l.Rpm,
        Tpm = l.Tpm,
        MaxParallel = l.MaxParallel,
        UpdatedAt = old?.UpdatedAt ?? now,
    };

    /// <param name="of">The id of what it is set on.</param>
    public BudgetRow Budget(BudgetDefinition b, BudgetRow? old, string of) => new()
    {
        Id = old?.Id ?? NewId(),
        Name = b.Name,
        Scope = b.Scope.ToName(),
        Of = of,
        Amount = b.Amount,
        Period = b.Period.ToName(),
        TimeZone = b.TimeZone,
        StartsAt = b.From,
        EndsAt = b.Until,
        Hard = b.Hard,
        Extra = b.Extra,
        ExtraUntil = b.ExtraUntil,
        Active = b.Active,
        CreatedAt = old?.CreatedAt ?? now,
        UpdatedAt = old?.UpdatedAt ?? now,
    };

    public PriceRow Price(ModelPrice p, PriceRow? old) => new()
    {
        Id = old?.Id ?? NewId(),
        Model = p.Model,
        Provider = p.Provider,
        EffectiveFrom = p.EffectiveFrom,
        InputPerMillion = p.InputPerMillion,
        CachedInputPerMillion = p.CachedInputPerMillion,
        CacheWritePerMillion = p.CacheWritePerMillion,
        OutputPerMillion = p.OutputPerMillion,
        SourceUrl = p.SourceUrl,
        CreatedAt = old?.CreatedAt ?? now,
        UpdatedAt = old?.UpdatedAt ?? now,
    };

    private static long? Milliseconds(TimeSpan? time) => (long?)time?.TotalMilliseconds;
}
