using System.Data.Common;

namespace Gateway.Web.Storage.Responses;

/// <summary>Moves kept answers from the spool into the database, and deletes those that have expired. A database that is away
/// delays it and nothing else; an answer that it refuses for what is in it is found one by one, and set aside.</summary>
internal sealed partial class ResponseDrain(
    ResponseSpool spool, GatewayDatabase database, DatabaseReady ready, TimeProvider time, ILogger<ResponseDrain> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenPurges = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(5);

    private int _most = Batch;
    private int _failures;
    private long? _purged;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = new CancellationTokenSource(FinalLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (ready.IsReady && await DrainOnceAsync(either.Token) > 0)
            {
            }
        }
        catch (Exception e)
        {
            LogStalled(DatabaseErrors.ReasonOf(e));
        }
    }

    /// <summary>Moves at most one batch; returns how many that were.</summary>
    internal async Task<int> DrainOnceAsync(CancellationToken cancellation)
    {
        List<KeptResponse> batch = spool.Take(_most);
        bool purge = _purged is not { } at || time.GetElapsedTime(at) >= BetweenPurges;
        if (batch.Count == 0 && !purge)
        {
            return 0;
        }
        await database.EnsureAnswersAsync(time, cancellation);
        await using DbConnection connection = await database.OpenAsync(cancellation);
        if (batch.Count > 0)
        {
            await InsertAsync(connection, batch, cancellation);
        }
        if (purge)
        {
            await ResponseRows.DeleteExpiredAsync(connection, time.GetUtcNow(), cancellation);
            _purged = time.GetTimestamp();
        }
        return batch.Count;
    }

    private async Task InsertAsync(DbConnection connection, List<KeptResponse> batch, CancellationToken cancellation)
    {
        try
        {
            await ResponseRows.InsertAsync(connection, batch, cancellation);
            batch.ForEach(r => spool.Remove(r.Id));
        }
        catch (Exception e) when (DatabaseErrors.IsOfContent(e, database.Provider))
        {
            if (batch.Count > 1)
            {
                _most = 1;
                return;
            }
            spool.SetAside(batch[0].Id);
            _most = Batch;
            LogRefused(batch[0].Id, DatabaseErrors.ReasonOf(e));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await StepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is in its files.
        }
    }

    private async Task StepAsync(CancellationToken stopping)
    {
        int drained = 0;
        TimeSpan pause = Pause;
        try
        {
            await ready.WaitAsync(stopping);
            drained = await DrainOnceAsync(stopping);
            _failures = 0;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (++_failures == 4)
            {
                LogStalled(DatabaseErrors.ReasonOf(e));
            }
            pause = TimeSpan.FromTicks((long)Math.Min(Pause.Ticks * Math.Pow(2, Math.Min(_failures, 8)), LongestPause.Ticks));
        }
        if (drained == 0 && _failures == 0)
        {
            await spool.WaitAsync(BetweenPurges, stopping);
        }
        if (drained < _most)
        {
            await Task.Delay(pause, time, stopping);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database refuses the stored response {Id}, which cannot be continued; what was kept of it is set aside: {Reason}")]
    private partial void LogRefused(string id, string reason);

    [LoggerMessage(LogLevel.Warning, "The database takes no stored responses; they are kept in files until it does: {Reason}")]
    private partial void LogStalled(string reason);
}
