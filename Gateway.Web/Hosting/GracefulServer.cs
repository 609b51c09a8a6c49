using System.Net.Sockets;
using Gateway.Core;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Web.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Hosting;

/// <summary>
/// The web server, whose stop ends in time: answers that still run when <c>Gateway:Shutdown:GracePeriod</c> is over end with an error
/// of their client's wire, and a moment later whatever connection is left is closed. Else it would take all the time that the host
/// has for its stop, and leave none for the journal. A start that fails says which settings to look at.
/// </summary>
internal sealed class GracefulServer(IServer server, RunningCalls running, LoadGates load, Draining draining, GatewaySettings settings, TimeProvider time) : IServer
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly GatewayError Stopping = new(
        GatewayErrorKind.ShuttingDown, "The gateway was stopped before this answer was complete. Send the request again.", RetryAfter: TimeSpan.FromSeconds(1));

    public IFeatureCollection Features => server.Features;

    /// <summary>Puts it in the place of the web server that is registered.</summary>
    public static void Wrap(IServiceCollection services)
    {
        Type kestrel = services.Last(d => d.ServiceType == typeof(IServer)).ImplementationType!;
        services.AddSingleton<IServer>(s => ActivatorUtilities.CreateInstance<GracefulServer>(s, ActivatorUtilities.CreateInstance(s, kestrel)));
    }

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull
    {
        try
        {
            await server.StartAsync(application, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException($"Cannot listen on {(settings.Host == "*" ? "all addresses" : settings.Host)}, port {settings.Port}: {e.Message}. See Gateway:Host and Gateway:Port (and Gateway:Tls:Port and Kestrel:Endpoints, where they are set).", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            throw new IOException($"Cannot listen as Kestrel:Endpoints says: {e.Message}", e);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var close = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task stop = server.StopAsync(close.Token);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, draining.Hurried);
        if (await Task.WhenAny(stop, Task.Delay(settings.ShutdownGracePeriod, time, patience.Token)) != stop)
        {
            load.Close(Stopping);
            running.CancelAll(Stopping);
            await Task.WhenAny(stop, Task.Delay(LastWords, time, cancellationToken));
            await close.CancelAsync();
        }
        await stop;
    }

    public void Dispose() => server.Dispose();
}
