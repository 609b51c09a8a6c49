using Gateway.Core.Chaos;
using Gateway.Core.Limits;
using Gateway.Web.Cluster;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

internal static class ClusterServiceCollectionExtensions
{
    /// <summary>Makes this process one of several nodes that share limits and tell each other of changes; nothing when no Redis is configured.</summary>
    /// <param name="nodeName">What people call this process.</param>
    public static IServiceCollection AddGatewayCluster(this IServiceCollection services, RedisSettings? settings, string nodeName)
    {
        if (settings is null)
        {
            return services;
        }
        services.AddSingleton(settings);
        services.AddSingleton<RedisDialer>();
        services.AddSingleton<RedisLink>();
        services.AddHostedService(s => s.GetRequiredService<RedisLink>());
        services.AddHostedService<CatalogInvalidation>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<SharedHealth>(s, nodeName));
        services.AddHostedService(s => s.GetRequiredService<SharedHealth>());
        services.Replace(ServiceDescriptor.Singleton(s => new ChaosSwitch(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Random>()) { IsShared = true }));
        services.AddSingleton<SharedFaults>();
        services.AddHostedService(s => s.GetRequiredService<SharedFaults>());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<SharedCalls>(s, nodeName));
        services.AddHostedService(s => s.GetRequiredService<SharedCalls>());
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<SharedBackends>(s, nodeName));
        services.AddHostedService(s => s.GetRequiredService<SharedBackends>());
        services.AddSingleton<ClusterNode>();
        services.AddSingleton<KnownSpending>();
        services.AddSingleton<LimitEventQueue>();
        services.AddHostedService(s => s.GetRequiredService<LimitEventQueue>());
        return services.Replace(ServiceDescriptor.Singleton<ILimitStore, SharedLimits>());
    }
}
