using System.Diagnostics.Metrics;

namespace Gateway.Web.Hosting;

/// <summary>
/// Counts connections that were closed at once because there were as many as there may be. The server would write a line for
/// each of them, which whoever opens them has in hand: here it is one a minute.
/// </summary>
internal sealed partial class RejectedConnections : IHostedService, IDisposable
{
    private const string ServerMeter = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Counter = "kestrel.rejected_connections";
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly MeterListener _listener = new();
    private readonly TimeProvider _time;
    private readonly ILogger<RejectedConnections> _logger;
    private long _count;
    private long _nextLine;

    public RejectedConnections(TimeProvider time, ILogger<RejectedConnections> logger)
    {
        (_time, _logger) = (time, logger);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServerMeter && instrument.Name == Counter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Reject(count));
    }

    /// <summary>Since the start.</summary>
    public long Count => Interlocked.Read(ref _count);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private void Reject(long count)
    {
        long all = Interlocked.Add(ref _count, count);
        long now = _time.GetUtcNow().UtcTicks;
        long next = Interlocked.Read(ref _nextLine);
        if (now >= next && Interlocked.CompareExchange(ref _nextLine, now + Pause.Ticks, next) == next)
        {
            LogRejected(all);
        }
    }

    [LoggerMessage(LogLevel.Warning, "There are as many connections as there may be (Gateway:Server:MaxConnections): further ones are closed at once, {Count} since the start. This is said once a minute.")]
    private partial void LogRejected(long count);
}
