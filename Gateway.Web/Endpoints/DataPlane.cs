using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Forwarding;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Core.Relay.Uploads;
using Gateway.Core.Telemetry;
using Gateway.Providers;
using Gateway.Web.Calls;
using Gateway.Web.Calls.Summaries;
using Gateway.Web.Configuration;
using Gateway.Web.Endpoints.PassThrough;
using Gateway.Web.Health;
using Gateway.Web.Hosting;
using Gateway.Web.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Web.Endpoints;

/// <summary>The services behind the data plane's routes.</summary>
internal static class DataPlane
{
    public static IServiceCollection AddGatewayDataPlane(this IServiceCollection services, GatewaySettings settings)
    {
        services.AddHostedService(s => s.GetRequiredService<WarmUp>());
        services.AddHostedService<HealthChecker>();
        services.AddHostedService<IdleMemory>();
        services.AddSingleton<Func<SummarySettings>>(() => settings.Summaries);
        return services.AddGatewayDataPlane(
            new JournalOptions
            {
                Directory = Path.Combine(settings.DataDirectory, "journal"),
                Durability = settings.DurableJournal ? JournalDurability.Disk : JournalDurability.Process,
            },
            settings.RequestLog,
            new RequestLogSettings(settings.LogLevel switch
            {
                <= LogLevel.Information => LineLevel.Info,
                LogLevel.Warning => LineLevel.Warn,
                LogLevel.Error => LineLevel.Error,
                _ => LineLevel.None,
            }, AsText: !settings.JsonLog));
    }

    internal static IServiceCollection AddGatewayDataPlane(this IServiceCollection services, JournalOptions journal, bool requestLog, RequestLogSettings lines = default)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Random>();
        services.AddSingleton<GatewayCatalog>();
        services.AddSingleton(s => new LocalLimits(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ILimitStore>(s => s.GetRequiredService<LocalLimits>());
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<ChaosSwitch>();
        services.AddSingleton<LoadGates>();
        services.AddSingleton<RunningCalls>();
        services.AddSingleton<WarmUp>();
        services.AddSingleton<HealthProbe>();
        services.AddSingleton<Reachability>();
        services.AddSingleton<CompletionProbe>();
        services.AddHttpForwarder();
        services.AddSingleton<PassThroughEndpoint>();
        services.AddSingleton<UpstreamModels>();
        services.AddSingleton<CallableModels>();
        services.TryAddSingleton<Func<SummarySettings>>(() => new SummarySettings());
        services.AddSingleton<OrderedSummary>();
        services.AddSingleton<SummaryEndpoint>();
        services.AddSingleton(_ => new ResourceOwners(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(journal.Directory))!, "resources.log")));
        services.AddSingleton(s => new PassThroughPipeline(
            s.GetRequiredService<GatewayCatalog>(),
            s.GetRequiredService<Func<GatewayOptions>>(),
            s.GetRequiredService<ProviderRegistry>().Adapters,
            s.GetRequiredService<Journal>(),
            s.GetRequiredService<IUsageSink>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<Random>(),
            s.GetRequiredService<ResourceOwners>(),
            s.GetRequiredService<ILimitStore>(),
            s.GetRequiredService<InFlightTable>(),
            s.GetRequiredService<ChaosSwitch>(),
            s.GetRequiredService<LoadGates>(),
            s.GetRequiredService<RunningCalls>()));
        services.AddSingleton(s => new BodyRoom(() => s.GetRequiredService<Func<GatewayOptions>>()().MaxBufferedBytes));
        services.AddSingleton(s => new UploadSpace(directory: null, () => s.GetRequiredService<Func<GatewayOptions>>()().MaxSpooledBytes));
        services.AddSingleton(s =>
        {
            ILogger<Journal> logger = s.GetRequiredService<ILogger<Journal>>();
            return Journal.Open(journal with { StateChanged = (writable, reason) => logger.JournalState(writable, reason) }, s.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(s =>
        {
            // The journal's lock on the directory is the table's, too.
            _ = s.GetRequiredService<Journal>();
            return InFlightTable.Open(journal.Directory, s.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<IRecordObserver, UnpricedModelLog>();
        services.AddSingleton(s => new UsageSink(
            s.GetRequiredService<LiveFeed>(),
            requestLog && lines.Least < LineLevel.None ? Console.OpenStandardOutput() : null,
            s.GetRequiredService<ILogger<GatewayPipeline>>().RequestFailed,
            s.GetServices<IRecordObserver>(),
            lines));
        services.AddSingleton<IUsageSink>(s => s.GetRequiredService<UsageSink>());
        services.AddSingleton(s => new ProviderRegistry(s.GetRequiredService<Func<GatewayOptions>>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new GatewayPipeline(
            s.GetRequiredService<GatewayCatalog>(),
            s.GetRequiredService<Func<GatewayOptions>>(),
            s.GetRequiredService<ProviderRegistry>().Adapters,
            s.GetRequiredService<Journal>(),
            s.GetRequiredService<IUsageSink>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<Random>(),
            ProviderRegistry.Codecs,
            s.GetService<IResponseStore>(),
            ProviderRegistry.Capabilities,
            s.GetRequiredService<ILimitStore>(),
            s.GetRequiredService<InFlightTable>(),
            s.GetRequiredService<ChaosSwitch>(),
            s.GetRequiredService<LoadGates>(),
            s.GetRequiredService<RunningCalls>(),
            s.GetService<ICaptureSink>()));
        return services;
    }
}

internal static partial class DataPlaneLog
{
    public static void JournalState(this ILogger logger, bool writable, string? reason)
    {
        if (writable)
        {
            logger.JournalWritable();
        }
        else
        {
            logger.JournalNotWritable(reason);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The journal cannot be written; calls are refused with 503 until it can: {Reason}")]
    private static partial void JournalNotWritable(this ILogger logger, string? reason);

    [LoggerMessage(LogLevel.Information, "The journal can be written again")]
    private static partial void JournalWritable(this ILogger logger);

    [LoggerMessage(LogLevel.Error, "Request {RequestId} failed inside the gateway")]
    public static partial void RequestFailed(this ILogger logger, string requestId, Exception exception);
}
