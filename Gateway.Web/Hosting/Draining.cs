using Gateway.Web.Configuration;

namespace Gateway.Web.Hosting;

/// <summary>
/// The first part of a stop: for a while requests are still taken, and only readiness says no, so that whatever sends the
/// traffic can look elsewhere before the listener closes. Answers sent meanwhile ask their clients to connect anew.
/// </summary>
internal sealed partial class Draining(GatewaySettings settings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Draining> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (settings.ShutdownDelay > TimeSpan.Zero && lifetime.ApplicationStarted.IsCancellationRequested)
        {
            LogDraining(settings.ShutdownDelay.TotalSeconds);
            await Task.Delay(settings.ShutdownDelay, time, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Stopping: not ready any more; requests are taken for another {Seconds} s.")]
    private partial void LogDraining(double seconds);
}
