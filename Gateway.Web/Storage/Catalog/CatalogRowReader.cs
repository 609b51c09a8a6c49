using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Web.Administration;
using Gateway.Web.Security;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Catalog;

/// <summary>Turns rows into the definitions that a snapshot is built from.</summary>
internal sealed partial class CatalogRowReader(SecretProtector secrets, ILogger<CatalogRowReader> logger)
{
    public ProviderDefinition Read(ProviderRow row) => ReadWithoutCredentials(row) with
    {
        Credentials = [.. row.Credentials.OrderBy(c => c.Position).Select(c => Read(c, row.Name)).OfType<CredentialDefinition>()],
    };

    /// <summary>For showing: decrypts nothing.</summary>
    public static ProviderDefinition ReadWithoutCredentials(ProviderRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Kind = ProviderKinds.TryParse(row.Kind, out ProviderKind kind) ? kind : ProviderKind.OpenAICompatible,
        BaseUrl = row.BaseUrl,
        Settings = JsonSerializer.Deserialize<Dictionary<string, string>>(row.SettingsJson, AdministrationJson.Options) ?? [],
        Timeouts = new TimeoutSettings
        {
            Connect = Time(row.ConnectTimeoutMs),
            FirstByte = Time(row.FirstByteTimeoutMs),
            Idle = Time(row.IdleTimeoutMs),
            Total = Time(row.TotalTimeoutMs),
        },
        Active = row.Active,
        Draining = row.Draining,
    };

    public static ModelDefinition Read(ModelRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        ModelId = row.ModelId,
        Aliases = Strings(row.AliasesJson),
        Active = row.Active,
        Backends =
        [
            .. row.Backends.OrderBy(b => b.Position).Select(b => new BackendDefinition
            {
                Id = b.Id,
                Provider = b.Provider,
                Url = b.Url,
                UpstreamModel = b.UpstreamModel,
                Weight = b.Weight,
                Priority = b.Priority,
                Active = b.Active,
                Draining = b.Draining,
                MaxConcurrency = b.MaxConcurrency,
            }),
        ],
        DefaultParamsJson = row.DefaultParamsJson,
        ReasoningEnabled = row.ReasoningEnabled,
        SystemPromptPrefix = row.SystemPromptPrefix,
        OnLoss = LossPolicies.TryParse(row.OnLoss, out LossPolicy onLoss) ? onLoss : LossPolicy.Warn,
        DefaultRoute = row.DefaultRoute,
        MaxOutputTokens = row.MaxOutputTokens,
        RoutingPolicy = row.RoutingPolicy,
        MaxConcurrency = row.MaxConcurrency,
        Description = row.Description,
        CreatedAt = row.CreatedAt,
    };

    public static RouteDefinition Read(RouteRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Steps = [.. Steps(row).Select(s => s.ToDefinition())],
        RetryOn = row.RetryOnJson is null ? null : Strings(row.RetryOnJson),
        RoutingPolicy = row.RoutingPolicy,
        HedgeAfter = row.HedgeAfterMs is { } hedge ? TimeSpan.FromMilliseconds(hedge) : null,
        RecoverStreams = row.RecoverStreams,
        Active = row.Active,
        Description = row.Description,
    };

    public static IReadOnlyList<RouteStepView> Steps(RouteRow row) =>
        JsonSerializer.Deserialize<RouteStepView[]>(row.StepsJson, AdministrationJson.Options) ?? [];

    /// <summary>Null for a revoked key, which requests need not know.</summary>
    public static ApiKeyDefinition? Read(ApiKeyRow row) => row.RevokedAt is not null ? null : new()
    {
        Id = row.Id,
        Name = row.Name,
        Prefix = row.Prefix,
        Hash = KeyHash.FromHex(row.Hash),
        Active = row.Active,
        RpmLimit = row.RpmLimit,
        TpmLimit = row.TpmLimit,
        MaxParallel = row.MaxParallel,
        Team = row.Team,
        Owner = row.Owner,
        DefaultProvider = row.DefaultProvider,
        Priority = row.Priority,
        PreviousHash = row.PreviousHash is null ? null : KeyHash.FromHex(row.PreviousHash),
        PreviousUntil = row.PreviousUntil,
        CaptureMost = row.CaptureMost,
        CaptureUntil = row.CaptureUntil,
        AllowedModels = Strings(row.AllowedModelsJson),
        AllowedEndpoints = Strings(row.AllowedEndpointsJson),
        AllowedNetworks = Strings(row.AllowedNetworksJson),
        Tags = Strings(row.TagsJson),
        ExpiresAt = row.ExpiresAt,
        AllowRouting = row.AllowRouting,
        CreatedAt = row.CreatedAt,
    };

    public static TeamDefinition Read(TeamRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Active = row.Active,
        AllowedModels = Strings(row.AllowedModelsJson),
        Owners = Strings(row.OwnersJson),
        Description = row.Description,
    };

    public static LimitDefinition Read(LimitRow row) => new()
    {
        Scope = ScopeKinds.TryParse(row.Scope, out ScopeKind scope) ? scope : ScopeKind.Gateway,
        Of = row.Of,
        Rpm = row.Rpm,
        Tpm = row.Tpm,
        MaxParallel = row.MaxParallel,
    };

    public static BudgetDefinition Read(BudgetRow row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        Scope = ScopeKinds.TryParse(row.Scope, out ScopeKind scope) ? scope : ScopeKind.Gateway,
        Of = row.Of,
        Amount = row.Amount,
        Period = BudgetPeriods.TryParse(row.Period, out BudgetPeriod period) ? period : BudgetPeriod.Month,
        TimeZone = row.TimeZone,
        From = row.StartsAt,
        Until = row.EndsAt,
        Hard = row.Hard,
        Extra = row.Extra,
        ExtraUntil = row.ExtraUntil,
        Active = row.Active,
    };

    public static ModelPrice Read(PriceRow row) => new()
    {
        Model = row.Model,
        Provider = row.Provider,
        EffectiveFrom = row.EffectiveFrom,
        InputPerMillion = row.InputPerMillion,
        CachedInputPerMillion = row.CachedInputPerMillion,
        CacheWritePerMillion = row.CacheWritePerMillion,
        OutputPerMillion = row.OutputPerMillion,
        SourceUrl = row.SourceUrl,
        Version = $"{PriceVersions.Database}{row.Id}",
    };

    public static IReadOnlyList<string> Strings(string? json) => json is null ? [] : JsonSerializer.Deserialize<string[]>(json, AdministrationJson.Options) ?? [];

    private CredentialDefinition? Read(CredentialRow row, string provider)
    {
        string? secret = row.EncryptedSecret.Length == 0 ? "" : secrets.TryUnprotect(row.EncryptedSecret);
        if (secret is null)
        {
            LogUnreadable(row.Label, provider);
            return null;
        }
        return new CredentialDefinition { Id = row.Id, Label = row.Label, Secret = secret, RpmLimit = row.RpmLimit, TpmLimit = row.TpmLimit };
    }

    private static TimeSpan? Time(long? milliseconds) => milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The credential \"{Label}\" of provider \"{Provider}\" cannot be decrypted: the master key is not the one it was saved under. Restore that key, or enter the secret again.")]
    private partial void LogUnreadable(string label, string provider);
}

/// <summary>How prices are named in usage records.</summary>
internal static class PriceVersions
{
    public const string Database = "operator:";
    public const string File = "file:";
}
