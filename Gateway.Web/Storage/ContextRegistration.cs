using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.Web.Storage;

/// <summary>The contexts' services. In a class of its own: one with a method that is generic over contexts cannot be used without loading EF Core.</summary>
internal static class ContextRegistration
{
    public static IServiceCollection Add(IServiceCollection services, DatabaseSettings settings)
    {
        services.AddSingleton<DatabaseMigrator>();
        services.AddSingleton<ISchemaMigration>(s => s.GetRequiredService<DatabaseMigrator>());
        return settings.Provider switch
        {
            DatabaseProvider.Postgres => Add<PostgresGatewayDbContext>(services, o => o.UseNpgsql(settings.ConnectionString)),
            DatabaseProvider.SqlServer => Add<SqlServerGatewayDbContext>(services, o => o.UseSqlServer(settings.ConnectionString)),
            _ => Add<SqliteGatewayDbContext>(services, o =>
                o.UseSqlite(settings.ConnectionString, s => s.CommandTimeout(SqlitePragmas.PatienceSeconds)).AddInterceptors(SqliteInterceptors.All)),
        };
    }

    private static IServiceCollection Add<TContext>(IServiceCollection services, Action<DbContextOptionsBuilder> use)
        where TContext : GatewayDbContext
    {
        services.AddPooledDbContextFactory<TContext>(options =>
        {
            use(options);
            // The gateway says once per outage that the database is away; EF would say it for each command.
            options.ConfigureWarnings(w => w.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, RelationalEventId.CommandError, RelationalEventId.ConnectionError, RelationalEventId.TransactionError));
        });
        services.AddSingleton<IDbContextFactory<GatewayDbContext>, GatewayDbContextFactory<TContext>>();
        return services;
    }
}
