using System.Net;
using Gateway.Web.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Web.Hosting;

/// <summary>The web server: where it listens, what it bears, how long it takes to stop.</summary>
internal static partial class ServerSetup
{
    private static readonly TimeSpan FinalDrain = TimeSpan.FromSeconds(6);

    public static void AddGatewayServer(this WebApplicationBuilder builder, GatewaySettings settings)
    {
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, settings, builder.Environment.IsDevelopment()));
        // Packages' assets are found without publishing, in whatever environment `dotnet run` is told to use.
        builder.WebHost.UseStaticWebAssets();
        // Last of all the journal is drained, for which there is a limit of its own.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownDelay + settings.ShutdownGracePeriod + FinalDrain);
        builder.Services.AddHostedService<Draining>();
    }

    /// <summary>Says in the log what the console says in a banner.</summary>
    public static void WarnOfOpenDoor(this WebApplication app, GatewaySettings settings)
    {
        if (settings.Options.AuthDisabled)
        {
            LogAuthDisabled(app.Logger);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Gateway:Auth:Disabled is on: anyone who can reach this gateway may call it.")]
    private static partial void LogAuthDisabled(ILogger logger);

    private static void Configure(KestrelServerOptions kestrel, GatewaySettings settings, bool development)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.KeepAliveTimeout = settings.KeepAliveTimeout;
        kestrel.Limits.RequestHeadersTimeout = settings.ReadTimeout;
        if (settings.Host is { } host && IPAddress.TryParse(host, out IPAddress? address))
        {
            kestrel.Listen(address, settings.Port);
        }
        else if (settings.Host is "localhost" || (settings.Host is null && development))
        {
            kestrel.ListenLocalhost(settings.Port);
        }
        else
        {
            kestrel.ListenAnyIP(settings.Port);
        }
    }
}
