using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Health;
using Gateway.Web.Storage;

namespace Microsoft.Extensions.DependencyInjection;

internal static class OperationServiceCollectionExtensions
{
    /// <summary>Adds what notices and takes down what happens to this node.</summary>
    /// <param name="node">This process's name in the database.</param>
    public static IServiceCollection AddGatewayEvents(this IServiceCollection services, string node)
    {
        services.AddSingleton(s => new OperationEvents(
            s.GetRequiredService<GatewayDatabase>(), s.GetRequiredService<DatabaseReady>(), node, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<OperationEvents>>()));
        services.AddSingleton(s => new OperationWatch(
            s.GetRequiredService<GatewayCatalog>(), s.GetRequiredService<ChaosSwitch>(), s.GetRequiredService<OperationEvents>(),
            s.GetRequiredService<GatewayDatabase>(), s.GetRequiredService<DatabaseReady>(), s.GetRequiredService<TimeProvider>(), s.GetService<RedisLink>()));
        services.AddHostedService(s => s.GetRequiredService<OperationEvents>());
        return services.AddHostedService(s => s.GetRequiredService<OperationWatch>());
    }
}
