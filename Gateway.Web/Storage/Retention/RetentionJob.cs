using System.Data.Common;
using Gateway.Core;

namespace Gateway.Web.Storage.Retention;

/// <summary>
/// Deletes rows that were kept long enough: a few at a time, so that neither memory nor the database's lock grows with their
/// number, and resting most of the time. Sums stay, since they are of the rollups. Every node may do it; what one has deleted the
/// others do not find. It has a thread of its own, as SQLite works on the caller's.
/// </summary>
internal sealed partial class RetentionJob(GatewayDatabase database, DatabaseReady ready, RetentionSettings settings, TimeProvider time, ILogger<RetentionJob> logger)
    : BackgroundService
{
    internal const int Batch = 500;

    // Of the time that a batch took: requests and the journal get the rest.
    private const int RestFactor = 9;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(5);

    private readonly (string Table, string Column, int Days)[] _tables =
    [
        // Has its end in each row.
        ("captured_calls", "expires_at", 0),
        .. new[] { ("usage_records", "started_at_ms", settings.UsageDays), ("audit", "at", settings.AuditDays), ("operation_events", "at", settings.EventsDays) }
            .Where(t => t.Item3 > 0),
    ];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => OwnThread.Run("Retention", () => Run(stoppingToken));

    /// <summary>Deletes at most <see cref="Batch"/> rows of one table.</summary>
    /// <returns>How many; 0 when nothing is old enough any more.</returns>
    internal async Task<int> DeleteOnceAsync(CancellationToken cancellationToken)
    {
        await using DbConnection connection = await database.OpenAsync(cancellationToken);
        if (database.Provider == DatabaseProvider.Sqlite)
        {
            SqlitePragmas.ForBackgroundWork(connection);
        }
        foreach ((string table, string column, int days) in _tables)
        {
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = DeleteFrom(table, column);
            command.AddParameters([(time.GetUtcNow() - TimeSpan.FromDays(days)).ToUnixTimeMilliseconds()]);
            int deleted = await command.ExecuteNonQueryAsync(cancellationToken);
            if (deleted > 0)
            {
                return deleted;
            }
        }
        return 0;
    }

    private void Run(CancellationToken stopping)
    {
        try
        {
            Rest(AfterStart, stopping);
            while (true)
            {
                Rest(RoundAsync(stopping).GetAwaiter().GetResult(), stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>Deletes all there is to delete and says how long to rest.</summary>
    private async Task<TimeSpan> RoundAsync(CancellationToken stopping)
    {
        long total = 0;
        try
        {
            await ready.WaitAsync(stopping);
            while (true)
            {
                long start = time.GetTimestamp();
                int deleted = await DeleteOnceAsync(stopping);
                if (deleted == 0)
                {
                    break;
                }
                total += deleted;
                Rest(time.GetElapsedTime(start) * RestFactor, stopping);
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            LogPutOff(DatabaseErrors.ReasonOf(e));
            return AfterFailure;
        }
        finally
        {
            if (total > 0)
            {
                LogDeleted(total);
            }
        }
        return BetweenRounds;
    }

    private void Rest(TimeSpan rest, CancellationToken stopping)
    {
        using var timer = new CancellationTokenSource(rest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping);
        either.Token.WaitHandle.WaitOne();
        stopping.ThrowIfCancellationRequested();
    }

    // By the index over the time; what is locked by a node that deletes it is that node's.
    private string DeleteFrom(string table, string column) => database.Provider switch
    {
        DatabaseProvider.SqlServer => $"WITH old AS (SELECT TOP ({Batch}) * FROM \"{table}\" WITH (READPAST) WHERE \"{column}\" < @p0 ORDER BY \"{column}\") DELETE FROM old",
        DatabaseProvider.Postgres => $"DELETE FROM \"{table}\" WHERE \"id\" IN (SELECT \"id\" FROM \"{table}\" WHERE \"{column}\" < @p0 ORDER BY \"{column}\" LIMIT {Batch} FOR UPDATE SKIP LOCKED)",
        _ => $"DELETE FROM \"{table}\" WHERE \"id\" IN (SELECT \"id\" FROM \"{table}\" WHERE \"{column}\" < @p0 ORDER BY \"{column}\" LIMIT {Batch})",
    };

    [LoggerMessage(LogLevel.Information, "{Count} rows were deleted that had been kept long enough.")]
    private partial void LogDeleted(long count);

    [LoggerMessage(LogLevel.Warning, "The database does not let old rows be deleted; it is tried again later: {Reason}")]
    private partial void LogPutOff(string reason);
}
