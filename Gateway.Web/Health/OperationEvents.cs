using System.Data.Common;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Web.Storage;

namespace Gateway.Web.Health;

/// <summary>
/// Writes what happens into the database, in the background and in bundles. Posting costs nothing and never waits; while the
/// database is away the latest thousand are kept and written once it is back. Plain ADO.NET, for nodes that only serve do it too.
/// </summary>
internal sealed partial class OperationEvents(
    GatewayDatabase database, DatabaseReady ready, string node, TimeProvider time, ILogger<OperationEvents> logger) : BackgroundService
{
    private const int Kept = 1000;
    private const int BundleSize = 100;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(3);

    private readonly Channel<OperationEvent> _posted =
        Channel.CreateBounded<OperationEvent>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly List<OperationEvent> _bundle = [];
    private int _most = BundleSize;
    private int _sequence;
    private int _stopped;

    /// <summary>This process, as events name it.</summary>
    public string Node { get; } = node;

    /// <summary>Raised after events were written, on the writer's thread.</summary>
    public event Action? Written;

    /// <summary>Safe for concurrent use; never waits.</summary>
    public void Post(OperationEvent happened) => _posted.Writer.TryWrite(happened);

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
            while (ready.IsReady && Fill())
            {
                await WriteAsync(either.Token);
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is OperationCanceledException)
        {
            LogLost(_bundle.Count);
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
                await Task.Delay(Gather, time, stoppingToken);
                while (Fill())
                {
                    try
                    {
                        await ready.WaitAsync(stoppingToken);
                        await WriteAsync(stoppingToken);
                        pause = TimeSpan.FromSeconds(1);
                    }
                    catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
                    {
                        LogPutOff(DatabaseErrors.ReasonOf(e));
                        await Task.Delay(pause, time, stoppingToken);
                        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends; StopAsync writes the rest.
        }
    }

    private bool Fill()
    {
        while (_bundle.Count < BundleSize && _posted.Reader.TryRead(out OperationEvent? happened))
        {
            _bundle.Add(happened);
        }
        return _bundle.Count > 0;
    }

    /// <summary>Writes the bundle; event by event once the database has refused one of them for what is in it, which is given up.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        int count = Math.Min(_most, _bundle.Count);
        try
        {
            await InsertAsync(_bundle.Take(count), cancellationToken);
        }
        catch (Exception e) when (DatabaseErrors.IsOfContent(e, database.Provider))
        {
            if (count > 1)
            {
                _most = 1;
                return;
            }
            LogRefused(_bundle[0].Kind, DatabaseErrors.ReasonOf(e));
        }
        _bundle.RemoveRange(0, count);
        if (_bundle.Count == 0)
        {
            _most = BundleSize;
        }
        Written?.Invoke();
    }

    private async Task InsertAsync(IEnumerable<OperationEvent> events, CancellationToken cancellationToken)
    {
        await database.EnsureAnswersAsync(time, cancellationToken);
        await using DbConnection connection = await database.OpenAsync(cancellationToken);
        await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO \"operation_events\" (\"id\", \"at\", \"node\", \"kind\", \"subject_id\", \"subject_name\", \"detail_json\") VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)";
        foreach (OperationEvent happened in events)
        {
            long at = happened.At.ToUnixTimeMilliseconds();
            command.SetParameters([NewId(at), at, StoredText.Of(Node, 64), happened.Kind, StoredText.Of(happened.SubjectId, 256), StoredText.Of(happened.SubjectName, 256), JsonSerializer.Serialize(happened.Detail)]);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    // A version 7 UUID whose random part begins with a counter: events of one millisecond stay in order.
    private string NewId(long ms) => $"{ms:x12}7{_sequence++ & 0xFFF:x3}{Guid.NewGuid().ToString("N")[16..]}";

    [LoggerMessage(LogLevel.Warning, "The database does not take down what happens; it is tried again: {Reason}")]
    private partial void LogPutOff(string reason);

    [LoggerMessage(LogLevel.Warning, "The database refuses an event of the kind {Kind}, which is not taken down: {Reason}")]
    private partial void LogRefused(string kind, string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} events of the gateway could not be written before it stopped.")]
    private partial void LogLost(int count);
}
