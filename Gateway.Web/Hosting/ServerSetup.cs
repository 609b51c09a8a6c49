using System.Net;
using Gateway.Web.Configuration;
using Gateway.Web.Endpoints;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Web.Hosting;

/// <summary>The web server: where it listens, what it bears, how long it takes to stop.</summary>
internal static partial class ServerSetup
{
    private static readonly TimeSpan FinalDrain = TimeSpan.FromSeconds(6);

    public static void AddGatewayServer(this WebApplicationBuilder builder, GatewaySettings settings)
    {
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, settings));
        // Packages' assets are found without publishing, in whatever environment `dotnet run` is told to use.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddTransient<IStartupFilter, FramingGuard>();
        if (settings.Tls is { } tls)
        {
            builder.Services.AddSingleton(tls).AddSingleton<TlsCertificate>().AddHostedService(s => s.GetRequiredService<TlsCertificate>());
        }
        // Last of all the journal is drained, for which there is a limit of its own.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownDelay + settings.ShutdownGracePeriod + FinalDrain);
        GracefulServer.Wrap(builder.Services);
        builder.Services.AddSingleton<Draining>().AddHostedService(s => s.GetRequiredService<Draining>());
        builder.Services.AddSingleton<RejectedConnections>().AddHostedService(s => s.GetRequiredService<RejectedConnections>());
    }

    /// <summary>Runs until somebody asks it to stop, which may be before it has started.</summary>
    public static async Task RunUntilStoppedAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception e)
        {
            bool wasAsked = e is OperationCanceledException && app.Lifetime.ApplicationStopping.IsCancellationRequested;
            // Services that run already would take it for a failure of their own if they were only disposed of.
            await app.StopAsync();
            if (wasAsked)
            {
                return;
            }
            throw;
        }
        await app.WaitForShutdownAsync();
    }

    /// <summary>Says in the log what the console says in a banner.</summary>
    public static void WarnOfOpenDoor(this WebApplication app, GatewaySettings settings)
    {
        if (settings.Options.AuthDisabled)
        {
            LogAuthDisabled(app.Logger);
        }
    }

    /// <summary>Says what of OpenTelemetry's variables was not understood.</summary>
    public static void WarnOfIgnoredVariables(this WebApplication app, GatewaySettings settings)
    {
        foreach (string problem in settings.IgnoredVariables)
        {
            LogIgnored(app.Logger, problem);
        }
    }

    /// <summary>Says when there is no directory for the uploads that are being read.</summary>
    public static void WarnOfMissingTemporaryDirectory(this WebApplication app)
    {
        if (!Directory.Exists(Path.GetTempPath()))
        {
            LogNoTemporaryDirectory(app.Logger, Path.GetTempPath());
        }
    }

    /// <summary>Says what is set and has no effect, since there is no setting of that name.</summary>
    public static void WarnOfUnknownSettings(this WebApplication app)
    {
        foreach (string name in KnownSettings.Unknown(app.Configuration))
        {
            LogUnknown(app.Logger, name);
        }
    }

    /// <summary>Says when the process may open fewer files than <c>Gateway:Server:MaxConnections</c> takes.</summary>
    public static void WarnOfFewFiles(this WebApplication app, GatewaySettings settings)
    {
        int most = OpenFiles.Connections(settings.MaxConnections, OpenFiles.Limit);
        if (most < settings.MaxConnections)
        {
            LogFewFiles(app.Logger, OpenFiles.Limit, most, settings.MaxConnections);
        }
    }

    [LoggerMessage(LogLevel.Warning, "This process may open {Files} files, so it takes {Most} connections at a time instead of {Wanted} (Gateway:Server:MaxConnections). Raise the limit (ulimit -n, LimitNOFILE), or lower the setting.")]
    private static partial void LogFewFiles(ILogger logger, long? files, int most, int wanted);

    [LoggerMessage(LogLevel.Warning, "There is no setting {Name}: what it is set to has no effect. docs/configuration.md lists the names.")]
    private static partial void LogUnknown(ILogger logger, string name);

    [LoggerMessage(LogLevel.Warning, "There is no directory {Directory} (TMPDIR), so that uploads are refused with 503.")]
    private static partial void LogNoTemporaryDirectory(ILogger logger, string directory);

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private static partial void LogIgnored(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Warning, "Gateway:Auth:Disabled is on: anyone who can reach this gateway may call it.")]
    private static partial void LogAuthDisabled(ILogger logger);

    /// <summary>What one client can cost. The size of bodies is limited where they are read, in the client's own wire.</summary>
    internal static void Limit(KestrelServerOptions kestrel, GatewaySettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = LengthEncoding.Select!;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = OpenFiles.Connections(settings.MaxConnections, OpenFiles.Limit);
        limits.MaxConcurrentUpgradedConnections = limits.MaxConcurrentConnections;
        limits.KeepAliveTimeout = settings.KeepAliveTimeout;
        limits.RequestHeadersTimeout = settings.ReadTimeout;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestBufferSize = 1024 * 1024;
        limits.MaxResponseBufferSize = 64 * 1024;
        // Bytes a second, after five seconds of grace: who sends or reads slower is cut off.
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
    }

    private static void Configure(KestrelServerOptions kestrel, GatewaySettings settings)
    {
        Limit(kestrel, settings);
        // Not HTTP/2, which TLS would offer: the server times slow readers by the connection there. One who has stopped reading is
        // never cut while another call's answer runs beside it, or takes all of them along.
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(ConnectionKey.Keep);
        });
        Listen(kestrel, settings, settings.Port);
        if (settings.Metrics.HasPort)
        {
            Listen(kestrel, settings, settings.Metrics.Port);
        }
        if (settings.Tls is { } tls)
        {
            TlsCertificate certificate = kestrel.ApplicationServices.GetRequiredService<TlsCertificate>();
            Listen(kestrel, settings, tls.Port, endpoint => endpoint.UseHttps(certificate.Handshake));
        }
    }

    private static void Listen(KestrelServerOptions kestrel, GatewaySettings settings, int port, Action<ListenOptions>? configure = null)
    {
        configure ??= static _ => { };
        if (IPAddress.TryParse(settings.Host, out IPAddress? address))
        {
            kestrel.Listen(address, port, configure);
        }
        else if (settings.Host is "localhost")
        {
            kestrel.ListenLocalhost(port, configure);
        }
        else
        {
            kestrel.ListenAnyIP(port, configure);
        }
    }
}
