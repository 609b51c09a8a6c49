using Gateway.Core.Catalog;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration;

/// <summary>Keys as they are shown: those of the database and those of the configuration file.</summary>
internal static class KeyViews
{
    /// <summary>The row as it will be, to be answered and audited.</summary>
    public static KeyView Of(CatalogEdit edit, ApiKeyRow row) =>
        Of(row, [], edit.File.Teams.Concat(edit.Definition.Teams).ToDictionary(t => t.Id));

    public static KeyView Of(ApiKeyRow row, Dictionary<string, long> used, Dictionary<string, TeamDefinition> teams) => new()
    {
        Id = row.Id,
        Name = row.Name,
        KeyPrefix = row.Prefix,
        Active = row.Active,
        RpmLimit = row.RpmLimit,
        TpmLimit = row.TpmLimit,
        MaxParallel = row.MaxParallel,
        Team = row.Team is null ? null : teams.GetValueOrDefault(row.Team)?.Name,
        TeamId = row.Team,
        TeamActive = row.Team is null || teams.GetValueOrDefault(row.Team)?.Active != false,
        Owner = row.Owner,
        DefaultProvider = row.DefaultProvider,
        Priority = row.Priority,
        AllowedModels = CatalogRowReader.Strings(row.AllowedModelsJson),
        AllowedEndpoints = CatalogRowReader.Strings(row.AllowedEndpointsJson),
        AllowedNetworks = CatalogRowReader.Strings(row.AllowedNetworksJson),
        Tags = CatalogRowReader.Strings(row.TagsJson),
        ExpiresAt = row.ExpiresAt,
        AllowRouting = row.AllowRouting,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        RevokedAt = row.RevokedAt,
        PreviousUntil = row.PreviousUntil,
        CaptureLeft = row.CaptureMost,
        CaptureUntil = row.CaptureMost > 0 ? row.CaptureUntil : null,
        LastUsedAt = Instant(used, row.Id),
    };

    public static KeyView Of(ApiKeyDefinition k, Dictionary<string, long> used, Dictionary<string, TeamDefinition> teams)
    {
        TeamDefinition? team = k.Team is null ? null : teams.GetValueOrDefault(k.Team) ?? teams.Values.FirstOrDefault(t => t.Name == k.Team);
        return new KeyView
        {
            Id = k.Id,
            Name = k.Name,
            KeyPrefix = k.Prefix,
            Active = k.Active,
            RpmLimit = k.RpmLimit,
            TpmLimit = k.TpmLimit,
            MaxParallel = k.MaxParallel,
            Team = team?.Name ?? k.Team,
            TeamId = team?.Id,
            TeamActive = team?.Active != false,
            Owner = k.Owner,
            DefaultProvider = k.DefaultProvider,
            Priority = k.Priority,
            AllowedModels = k.AllowedModels,
            AllowedEndpoints = k.AllowedEndpoints,
            AllowedNetworks = k.AllowedNetworks,
            Tags = k.Tags,
            ExpiresAt = k.ExpiresAt,
            AllowRouting = k.AllowRouting,
            Source = k.Source,
            CreatedAt = k.CreatedAt,
            UpdatedAt = k.CreatedAt,
            LastUsedAt = Instant(used, k.Id),
        };
    }

    private static DateTimeOffset? Instant(Dictionary<string, long> used, string id) =>
        used.GetValueOrDefault(id) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}
