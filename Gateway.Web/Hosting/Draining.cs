using System.Runtime.InteropServices;
using Gateway.Web.Configuration;

namespace Gateway.Web.Hosting;

/// <summary>
/// The first part of a stop: for a while requests are still taken, and only readiness says no, so that whatever sends the
/// traffic can look elsewhere before the listener closes. Answers sent meanwhile ask their clients to connect anew.
/// Ctrl+C (SIGINT) once more ends it, and the time that running answers have. SIGTERM does not: some supervisors send it twice.
/// </summary>
internal sealed partial class Draining(GatewaySettings settings, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Draining> logger) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _hurry = new();
    private PosixSignalRegistration? _signal;

    /// <summary>Cancelled when nobody wants to wait any more.</summary>
    public CancellationToken Hurried => _hurry.Token;

    /// <summary>Ends all waiting for answers that run.</summary>
    public void Hurry() => _hurry.Cancel();

    public void Dispose() => _signal?.Dispose();

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Hurry());
        if (settings.ShutdownDelay > TimeSpan.Zero && lifetime.ApplicationStarted.IsCancellationRequested)
        {
            LogDraining(settings.ShutdownDelay.TotalSeconds);
            await Task.WhenAny(Task.Delay(settings.ShutdownDelay, time, cancellationToken), Task.Delay(Timeout.Infinite, Hurried));
            cancellationToken.ThrowIfCancellationRequested();
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
