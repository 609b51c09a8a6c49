using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Microsoft.Extensions.DependencyInjection;

internal static class StorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds <c>IDbContextFactory&lt;GatewayDbContext&gt;</c> for the configured database, and <see cref="DatabaseMigrator"/>.
    /// Nothing is opened here, and EF builds its model only when the first context is asked for.
    /// </summary>
    public static IServiceCollection AddGatewayStorage(this IServiceCollection services, DatabaseSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<DatabaseMigrator>();
        services.AddSingleton<DatabaseReady>();
        return settings.Provider switch
        {
            DatabaseProvider.Postgres => services.AddContext<PostgresGatewayDbContext>(o => o.UseNpgsql(settings.ConnectionString)),
            DatabaseProvider.SqlServer => services.AddContext<SqlServerGatewayDbContext>(o =>
            {
                SqlServerTypes.Load();
                o.UseSqlServer(settings.ConnectionString);
            }),
            _ => services.AddContext<SqliteGatewayDbContext>(o =>
            {
                SqliteNative.Load();
                o.UseSqlite(settings.ConnectionString).AddInterceptors(SqlitePragmas.Instance);
            }),
        };
    }

    /// <summary>Adds what keeps the catalog in step with files and database; needs a <see cref="GatewayCatalog"/>.</summary>
    public static IServiceCollection AddGatewayCatalogSources(this IServiceCollection services)
    {
        services.AddSingleton<CatalogRowReader>();
        services.AddSingleton<CatalogSources>();
        services.AddHostedService<CatalogLoader>();
        return services;
    }

    /// <summary>Adds what moves usage records from the journal into the database; needs a <c>Journal</c>.</summary>
    public static IServiceCollection AddGatewayUsageDrain(this IServiceCollection services) =>
        services.AddSingleton<JournalDrain>().AddHostedService(s => s.GetRequiredService<JournalDrain>());

    private static IServiceCollection AddContext<TContext>(this IServiceCollection services, Action<DbContextOptionsBuilder> use)
        where TContext : GatewayDbContext
    {
        services.AddPooledDbContextFactory<TContext>(options =>
        {
            use(options);
            // The gateway says once per outage that the database is away; EF would say it for each command.
            options.ConfigureWarnings(w => w.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, RelationalEventId.CommandError, RelationalEventId.ConnectionError));
        });
        services.AddSingleton<IDbContextFactory<GatewayDbContext>, GatewayDbContextFactory<TContext>>();
        return services;
    }
}
