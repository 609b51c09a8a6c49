using System.Data.Common;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Catalog;

/// <summary>What the database declares, as of one version of it.</summary>
internal sealed record DatabaseCatalog(long Version, CatalogDefinition Definition)
{
    /// <summary>Before the database was read.</summary>
    public static DatabaseCatalog Unread { get; } = new(-1, new CatalogDefinition());

    /// <summary>What it is after a change; a key that is not declared any more was revoked, since keys are never deleted.</summary>
    public DatabaseCatalog After(long version, CatalogDefinition definition) => new(version, definition with
    {
        RevokedKeys = [.. Definition.RevokedKeys, .. Definition.Keys.ExceptBy(definition.Keys.Select(k => k.Id), k => k.Id)],
    });

    /// <summary>Reads everything. The version is read first: a change in between is then read once more, not missed.</summary>
    public static async Task<DatabaseCatalog> ReadAsync(DbConnection connection, CatalogRowReader rows, CancellationToken cancellationToken)
    {
        long version = await CatalogTables.ReadVersionAsync(connection, cancellationToken);
        List<ProviderRow> providers = await CatalogTables.ReadProvidersAsync(connection, cancellationToken);
        List<ModelRow> models = await CatalogTables.ReadModelsAsync(connection, cancellationToken);
        List<RouteRow> routes = await CatalogTables.ReadRoutesAsync(connection, cancellationToken);
        List<ApiKeyRow> keys = await CatalogTables.ReadKeysAsync(connection, cancellationToken);
        List<ApiKeyDefinition> revoked = await CatalogTables.ReadRevokedKeysAsync(connection, cancellationToken);
        List<PriceRow> prices = await CatalogTables.ReadPricesAsync(connection, cancellationToken);
        List<TeamRow> teams = await CatalogTables.ReadTeamsAsync(connection, cancellationToken);
        List<LimitRow> limits = await CatalogTables.ReadLimitsAsync(connection, cancellationToken);
        List<BudgetRow> budgets = await CatalogTables.ReadBudgetsAsync(connection, cancellationToken);
        return await OffPool.RunAsync("Catalog", () => new DatabaseCatalog(version, new CatalogDefinition
        {
            Providers = [.. providers.Select(rows.Read)],
            Models = [.. models.Select(CatalogRowReader.Read)],
            Routes = [.. routes.Select(CatalogRowReader.Read)],
            Keys = [.. keys.Select(CatalogRowReader.Read).OfType<ApiKeyDefinition>()],
            RevokedKeys = revoked,
            Teams = [.. teams.Select(CatalogRowReader.Read)],
            Limits = [.. limits.Select(CatalogRowReader.Read)],
            Budgets = [.. budgets.Select(CatalogRowReader.Read)],
            Prices = [.. prices.Select(CatalogRowReader.Read)],
        }), cancellationToken);
    }
}
