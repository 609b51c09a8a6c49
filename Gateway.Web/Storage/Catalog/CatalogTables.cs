using System.Data.Common;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Catalog;

/// <summary>The catalog's tables, read as rows.</summary>
internal static class CatalogTables
{
    /// <summary>The version row, cheap enough to poll.</summary>
    public static async Task<long> ReadVersionAsync(DbConnection connection, CancellationToken cancellationToken) =>
        (await connection.ReadAsync("catalog_versions", ["version"], $"WHERE \"id\" = {CatalogVersionRow.TheOnlyId}", r => r.Long(), cancellationToken)).Single();

    public static async Task<List<ProviderRow>> ReadProvidersAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        List<CredentialRow> credentials = await connection.ReadAsync("credentials", CredentialRow.Columns, "", CredentialRow.Read, cancellationToken);
        List<ProviderRow> providers = await connection.ReadAsync("providers", ProviderRow.Columns, "ORDER BY \"name\"", ProviderRow.Read, cancellationToken);
        ILookup<string, CredentialRow> ofProvider = credentials.ToLookup(c => c.ProviderId);
        providers.ForEach(p => p.Credentials.AddRange(ofProvider[p.Id]));
        return providers;
    }

    public static async Task<List<ModelRow>> ReadModelsAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        List<BackendRow> backends = await connection.ReadAsync("backends", BackendRow.Columns, "", BackendRow.Read, cancellationToken);
        List<ModelRow> models = await connection.ReadAsync("models", ModelRow.Columns, "ORDER BY \"name\"", ModelRow.Read, cancellationToken);
        ILookup<string, BackendRow> ofModel = backends.ToLookup(b => b.ModelId);
        models.ForEach(m => m.Backends.AddRange(ofModel[m.Id]));
        return models;
    }

    public static Task<List<RouteRow>> ReadRoutesAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync("routes", RouteRow.Columns, "ORDER BY \"name\"", RouteRow.Read, cancellationToken);

    /// <summary>Without the revoked ones, which requests need not know.</summary>
    public static Task<List<ApiKeyRow>> ReadKeysAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync("api_keys", ApiKeyRow.Columns, "WHERE \"revoked_at\" IS NULL ORDER BY \"id\"", ApiKeyRow.Read, cancellationToken);

    /// <summary>Of the revoked ones, what their calls are told by.</summary>
    public static Task<List<ApiKeyDefinition>> ReadRevokedKeysAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync(
            "api_keys", ["id", "name", "prefix", "team"], "WHERE \"revoked_at\" IS NOT NULL ORDER BY \"id\"",
            r => new ApiKeyDefinition { Id = r.Text(), Name = r.Text(), Prefix = r.Text(), Team = r.TextOrNull(), Hash = default, Active = false }, cancellationToken);

    public static Task<List<TeamRow>> ReadTeamsAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync("teams", TeamRow.Columns, "ORDER BY \"name\"", TeamRow.Read, cancellationToken);

    public static Task<List<LimitRow>> ReadLimitsAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync("limits", LimitRow.Columns, "ORDER BY \"scope\", \"of\"", LimitRow.Read, cancellationToken);

    public static Task<List<BudgetRow>> ReadBudgetsAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync("budgets", BudgetRow.Columns, "ORDER BY \"name\"", BudgetRow.Read, cancellationToken);

    public static Task<List<PriceRow>> ReadPricesAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync("prices", PriceRow.Columns, "ORDER BY \"id\"", PriceRow.Read, cancellationToken);
}
