using System.Data.Common;
using System.Threading.Channels;
using Gateway.Core.Capture;
using Gateway.Web.Storage.Retention;

namespace Gateway.Web.Storage.Captures;

/// <summary>
/// Writes what was said in calls into the database: in the background, without its secrets, encrypted. There is room for so
/// many calls from their beginning until they are written; further ones are not kept, which their records say.
/// </summary>
internal sealed partial class CaptureWriter(
    GatewayDatabase database, DatabaseReady ready, CapturedBody bodies, RetentionSettings retention, TimeProvider time, ILogger<CaptureWriter> logger)
    : BackgroundService, ICaptureSink
{
    // With a request and an answer of CapturedCall.MostBytes each these are 32 MiB, if the database is away.
    internal const int Room = 64;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(3);

    private readonly Channel<CapturedCall> _posted = Channel.CreateUnbounded<CapturedCall>(new UnboundedChannelOptions { SingleReader = true });
    private int _held;
    private long _dropped;
    private bool _full;
    private int _stopped;

    /// <summary>Calls that were to be kept since the start, and for which there was no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public bool TryReserve()
    {
        if (Interlocked.Increment(ref _held) <= Room)
        {
            Volatile.Write(ref _full, false);
            return true;
        }
        Interlocked.Decrement(ref _held);
        Interlocked.Increment(ref _dropped);
        // Once until there is room again.
        if (!Interlocked.Exchange(ref _full, true))
        {
            LogFull(Room);
        }
        return false;
    }

    /// <inheritdoc/>
    public void Post(CapturedCall call) => _posted.Writer.TryWrite(call);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
        {
            return;
        }
        using var limit = new CancellationTokenSource(FinalLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (ready.IsReady && _posted.Reader.TryPeek(out CapturedCall? call))
            {
                await WriteAsync(call, either.Token);
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is OperationCanceledException)
        {
            LogLost(Volatile.Read(ref _held));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // SQLite works on the caller's thread, which starts the other services here.
        await Task.Yield();
        TimeSpan pause = TimeSpan.FromSeconds(1);
        try
        {
            while (await _posted.Reader.WaitToReadAsync(stoppingToken))
            {
                try
                {
                    await ready.WaitAsync(stoppingToken);
                    while (_posted.Reader.TryPeek(out CapturedCall? call))
                    {
                        await WriteAsync(call, stoppingToken);
                        pause = TimeSpan.FromSeconds(1);
                    }
                }
                catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
                {
                    LogPutOff(DatabaseErrors.ReasonOf(e));
                    await Task.Delay(pause, time, stoppingToken);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends; StopAsync writes the rest.
        }
    }

    /// <summary>Writes the first of the line, which leaves it only then.</summary>
    private async Task WriteAsync(CapturedCall call, CancellationToken cancellationToken)
    {
        try
        {
            byte[] body = bodies.Pack(CapturedContent.Of(call));
            await using DbConnection connection = await database.OpenAsync(cancellationToken);
            int left = await CaptureRows.AddAsync(
                connection, call.Record.Id.ToString("N"), call.Record.KeyId!, call.Order.Until, call.Record.StartedAt,
                time.GetUtcNow().AddDays(retention.CaptureDays), body, cancellationToken);
            call.Order.LowerTo(left);
        }
        catch (Exception e) when (e is not OperationCanceledException && !DatabaseErrors.IsFromDatabase(e))
        {
            // Without a key to encrypt with, for one, nothing is kept.
            LogNotKept(e);
        }
        _posted.Reader.TryRead(out _);
        Interlocked.Decrement(ref _held);
    }

    [LoggerMessage(LogLevel.Warning, "What was said in a call is not kept: {Room} calls wait to be written already. The record of each such call says so.")]
    private partial void LogFull(int room);

    [LoggerMessage(LogLevel.Warning, "The database does not take what was said in calls; it is tried again: {Reason}")]
    private partial void LogPutOff(string reason);

    [LoggerMessage(LogLevel.Warning, "What was said in {Count} calls could not be written before the gateway stopped.")]
    private partial void LogLost(int count);

    [LoggerMessage(LogLevel.Error, "What was said in a call cannot be kept.")]
    private partial void LogNotKept(Exception exception);
}
