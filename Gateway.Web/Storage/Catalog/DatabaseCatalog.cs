using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Catalog;

/// <summary>What the database declares, as of one version of it.</summary>
internal sealed record DatabaseCatalog(long Version, CatalogDefinition Definition)
{
    /// <summary>Before the database was read.</summary>
    public static DatabaseCatalog Unread { get; } = new(-1, new CatalogDefinition());

    /// <summary>The version row, cheap enough to poll.</summary>
    public static Task<long> ReadVersionAsync(GatewayDbContext context, CancellationToken cancellationToken) =>
        context.CatalogVersions.AsNoTracking().Where(v => v.Id == CatalogVersionRow.TheOnlyId).Select(v => v.Version).SingleAsync(cancellationToken);

    /// <summary>Reads everything. The version is read first: a change in between is then read once more, not missed.</summary>
    public static async Task<DatabaseCatalog> ReadAsync(GatewayDbContext context, CatalogRowReader rows, CancellationToken cancellationToken)
    {
        long version = await ReadVersionAsync(context, cancellationToken);
        List<ProviderRow> providers = await context.Providers.AsNoTracking().Include(p => p.Credentials).OrderBy(p => p.Name).ToListAsync(cancellationToken);
        List<ModelRow> models = await context.Models.AsNoTracking().Include(m => m.Backends).OrderBy(m => m.Name).ToListAsync(cancellationToken);
        List<RouteRow> routes = await context.Routes.AsNoTracking().OrderBy(r => r.Name).ToListAsync(cancellationToken);
        List<ApiKeyRow> keys = await context.ApiKeys.AsNoTracking().Where(k => k.RevokedAt == null).OrderBy(k => k.Id).ToListAsync(cancellationToken);
        List<PriceRow> prices = await context.Prices.AsNoTracking().OrderBy(p => p.Id).ToListAsync(cancellationToken);
        return new DatabaseCatalog(version, new CatalogDefinition
        {
            Providers = [.. providers.Select(rows.Read)],
            Models = [.. models.Select(CatalogRowReader.Read)],
            Routes = [.. routes.Select(CatalogRowReader.Read)],
            Keys = [.. keys.Select(CatalogRowReader.Read).OfType<ApiKeyDefinition>()],
            Prices = [.. prices.Select(CatalogRowReader.Read)],
        });
    }
}
