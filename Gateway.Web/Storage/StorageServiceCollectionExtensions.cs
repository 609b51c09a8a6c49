using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Limits;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Captures;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Responses;
using Gateway.Web.Storage.Retention;
using Gateway.Web.Storage.Usage;

namespace Microsoft.Extensions.DependencyInjection;

internal static class StorageServiceCollectionExtensions
{
    /// <summary>Adds <see cref="GatewayDatabase"/> for the configured database, and what brings its schema up to date. Nothing is opened here.</summary>
    public static IServiceCollection AddGatewayDatabase(this IServiceCollection services, DatabaseSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<GatewayDatabase>();
        services.AddSingleton<DatabaseSchema>();
        services.AddSingleton<DatabaseReady>();
        services.AddSingleton<ISchemaMigration, MigrateProcess>();
        return services;
    }

    /// <summary>
    /// Adds <c>IDbContextFactory&lt;GatewayDbContext&gt;</c> and <see cref="DatabaseMigrator"/> to <see cref="AddGatewayDatabase"/>:
    /// EF Core, for nodes that administer. EF builds its model only when the first context is asked for.
    /// </summary>
    public static IServiceCollection AddGatewayContexts(this IServiceCollection services, DatabaseSettings settings) =>
        ContextRegistration.Add(services, settings);

    /// <summary>Adds what keeps the catalog in step with files and database; needs a <see cref="GatewayCatalog"/>.</summary>
    public static IServiceCollection AddGatewayCatalogSources(this IServiceCollection services)
    {
        services.AddSingleton<CatalogRowReader>();
        services.AddSingleton<CatalogSources>();
        services.AddSingleton<CatalogSignal>();
        services.AddHostedService<CatalogLoader>();
        return services;
    }

    /// <summary>Adds <see cref="IResponseStore"/> and what moves its answers into the database.</summary>
    /// <param name="directory">Where they are until then; made when it is needed.</param>
    public static IServiceCollection AddGatewayResponseStore(this IServiceCollection services, string directory, bool durable)
    {
        services.AddSingleton(new ResponseSpool(directory, durable));
        services.AddSingleton<ResponseBody>();
        services.AddSingleton<IResponseStore, ResponseStore>();
        services.AddSingleton<ResponseDrain>();
        return services.AddHostedService(s => s.GetRequiredService<ResponseDrain>());
    }

    /// <summary>Adds what keeps the content of calls for which an operator asked for it; needs <see cref="AddGatewayRetention"/>.</summary>
    public static IServiceCollection AddGatewayCaptures(this IServiceCollection services) => services
        .AddSingleton<CapturedBody>().AddSingleton<CaptureWriter>()
        .AddSingleton<ICaptureSink>(s => s.GetRequiredService<CaptureWriter>()).AddHostedService(s => s.GetRequiredService<CaptureWriter>());

    /// <summary>Adds what deletes rows that were kept long enough.</summary>
    public static IServiceCollection AddGatewayRetention(this IServiceCollection services, RetentionSettings settings) =>
        services.AddSingleton(settings).AddHostedService<RetentionJob>();

    /// <summary>
    /// Adds what moves usage records from the journal into the database, what records the calls of a process that was killed, and
    /// what tells budgets how much was spent before; needs a <c>Journal</c> and an <c>InFlightTable</c>.
    /// </summary>
    public static IServiceCollection AddGatewayUsageDrain(this IServiceCollection services) => services
        .AddSingleton<JournalDrain>().AddHostedService(s => s.GetRequiredService<JournalDrain>())
        .AddSingleton<InterruptedCalls>().AddHostedService(s => s.GetRequiredService<InterruptedCalls>())
        .AddHostedService<BudgetSeeds>()
        .AddSingleton(s => new LocalLimits(s.GetRequiredService<TimeProvider>(), BudgetSeeds.Wait));
}
