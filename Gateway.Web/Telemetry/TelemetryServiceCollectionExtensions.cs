using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Core.Telemetry;
using Gateway.Core.Telemetry.Metrics;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Configuration;
using Gateway.Web.Health;
using Gateway.Web.Hosting;
using Gateway.Web.Storage.Usage;
using Gateway.Web.Telemetry;
using Gateway.Web.Telemetry.Otlp;

namespace Microsoft.Extensions.DependencyInjection;

internal static class TelemetryServiceCollectionExtensions
{
    /// <summary>Adds what counts finished calls and what is asked for the gateway's state; nothing where metrics are off.</summary>
    public static IServiceCollection AddGatewayMetrics(this IServiceCollection services, GatewaySettings settings)
    {
        if (!settings.Metrics.Enabled)
        {
            return services;
        }
        services.AddSingleton<CallMetrics>();
        services.AddSingleton<IRecordObserver>(s => s.GetRequiredService<CallMetrics>());
        services.AddSingleton<IMetricSource>(s => s.GetRequiredService<CallMetrics>());
        services.AddSingleton<IMetricSource>(s => new StateMetrics(
            s.GetRequiredService<GatewayCatalog>(), s.GetRequiredService<RunningCalls>(), s.GetRequiredService<LoadGates>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMetricSource>(s => new NodeMetrics(
            settings, s.GetRequiredService<UsageSink>(), s.GetRequiredService<Journal>(), s.GetRequiredService<JournalDrain>(),
            s.GetRequiredService<OperationWatch>(), s.GetRequiredService<RejectedConnections>(), s.GetService<RedisLink>()));
        if (settings.Metrics.HasPort)
        {
            services.AddTransient<IStartupFilter, MetricsPort>();
        }
        return services;
    }

    /// <summary>Adds what sends traces to a collector; nothing where no variable of OpenTelemetry names one.</summary>
    public static IServiceCollection AddGatewayTraces(this IServiceCollection services, GatewaySettings settings)
    {
        if (settings.Traces is not { } traces)
        {
            return services;
        }
        services.AddSingleton(s => new SpanExporter(
            traces, ProgramVersion.Text, s.GetRequiredService<GatewayCatalog>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<Random>(),
            s.GetRequiredService<ILogger<SpanExporter>>()));
        services.AddSingleton<IRecordObserver>(s => s.GetRequiredService<SpanExporter>());
        services.AddSingleton<IMetricSource>(s => s.GetRequiredService<SpanExporter>());
        return services.AddHostedService(s => s.GetRequiredService<SpanExporter>());
    }
}
