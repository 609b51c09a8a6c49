using System.Data.Common;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// Moves the journal into the database in the background. It works half of the time at most, and a twentieth while calls need the
/// processors that SQLite works on too, unless the backlog is large; while it is small, in steps of a quarter of a millisecond. A database that is
/// locked, slow or gone delays it and nothing else. It has a thread of its own: SQLite works on the caller's, and a node with one processor has a
/// pool of one thread to begin with.
/// A batch that the database refuses for what is in it is halved until the record is found, which is set aside.
/// </summary>
internal sealed partial class JournalDrain(
    Journal journal,
    GatewayDatabase database,
    DatabaseReady ready,
    GatewayCatalog catalog,
    TimeProvider time,
    ILogger<JournalDrain> logger) : BackgroundService
{
    private const int BatchRecords = 500;

    // What a call waits for is one of its steps, and the end of a batch.
    private const int SmallBatchRecords = 128;
    private const int RecordsReadInAStep = 32;
    private const long SmallBacklogBytes = 4L * 1024 * 1024;

    // Above this the disk matters more than the processor.
    private const long LargeBacklogBytes = 256L * 1024 * 1024;
    private const int RestFactor = 19;
    private const double BusyFrom = 0.6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookedAt = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenBounds = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(5);

    private readonly RefusedRecords _refused = new(journal.Directory, time);
    private readonly List<UsageRecord> _batch = [];
    private readonly HashSet<long> _damaged = [];
    private UsageWriter? _usageWriter;
    private int _most = BatchRecords;
    private JournalReader? _reader;
    private JournalPosition _written;
    private CancellationToken _stopping;
    private bool _inSmallSteps;
    private TimeSpan _paused;
    private TimeSpan _used;
    private long _looked;
    private long _bounded;
    private long _readersSeen;
    private long _readerSeenAt;
    private int _failures;
    private int _stopped;

    /// <summary>Since when the database has not taken anything; null while it does.</summary>
    public DateTimeOffset? StalledSince { get; private set; }

    /// <summary>Records that the database did not take and that were set aside, since the start.</summary>
    public long SetAside => _refused.Count;

    /// <summary>Bytes of the journal that are not in the database yet; null before the database was asked where it is.</summary>
    public long? LagBytes => _written == JournalPosition.Start ? null : journal.BytesAfter(_written);

    private UsageWriter Writer => _usageWriter ??= new(
        journal.Id.ToString("N"), database.Provider, time, name => catalog.Current.FindModel(name) is not null, GiveWay);

    private int Most => Math.Min(_most, _inSmallSteps ? SmallBatchRecords : BatchRecords);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
        {
            // A host may be stopped and then disposed, which stops it again.
            return;
        }
        _inSmallSteps = false;
        using var limit = new CancellationTokenSource(FinalLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (ready.IsReady && await DrainOnceAsync(either.Token) > 0)
            {
            }
        }
        catch (Exception)
        {
            LogLeft(journal.BytesAfter(_written));
        }
        _reader?.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        OwnThread.Run("Journal drain", () => Run(stoppingToken));

    private void Run(CancellationToken stopping)
    {
        _stopping = stopping;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                TimeSpan rest = StepAsync(stopping).GetAwaiter().GetResult();
                using var timer = new CancellationTokenSource(rest, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping);
                either.Token.WaitHandle.WaitOne();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>Drains a batch and says how long to rest.</summary>
    private async Task<TimeSpan> StepAsync(CancellationToken stopping)
    {
        try
        {
            await ready.WaitAsync(stopping);
            long start = time.GetTimestamp();
            _paused = TimeSpan.Zero;
            _inSmallSteps = database.Provider == DatabaseProvider.Sqlite && LagBytes < SmallBacklogBytes;
            int drained = await DrainOnceAsync(stopping);
            Recovered();
            if (drained > 0 && _most < BatchRecords)
            {
                // On the track of a record that is not taken, or just behind one.
                return TimeSpan.Zero;
            }
            if (drained < Most)
            {
                return Pause;
            }
            TimeSpan worked = time.GetElapsedTime(start) - _paused;
            double busy = Busy(worked);
            return journal.BytesAfter(_written) < LargeBacklogBytes ? RestAfter(worked, _paused, IsLookedAt() ? 0 : busy) : TimeSpan.Zero;
        }
        // Whatever it is, the records are safe in the journal, and requests go on.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Stalled(e);
            double factor = Math.Pow(2, Math.Min(_failures, 8));
            return TimeSpan.FromTicks((long)Math.Min(Pause.Ticks * factor, LongestPause.Ticks));
        }
    }

    /// <summary>How long to leave the processors to the calls, and SQLite to other writers, after a whole batch.</summary>
    /// <param name="worked">What the batch took, without its pauses.</param>
    /// <param name="paused">How long it paused, holding the database meanwhile.</param>
    /// <param name="busy">The part of the processors' time that others needed, from 0 to 1.</param>
    internal static TimeSpan RestAfter(TimeSpan worked, TimeSpan paused, double busy)
    {
        long rest = Math.Max((worked + paused).Ticks, busy < BusyFrom ? 0 : (worked * RestFactor).Ticks);
        return TimeSpan.FromTicks(Math.Min(rest, LongestRest.Ticks));
    }

    // On one processor a call would wait until the system takes this thread's turn away, which is for milliseconds. Where there is time, all that are
    // under way have theirs; a thread that merely yields has its turn back before them, since it slept longer.
    private void GiveWay()
    {
        if (!_inSmallSteps)
        {
            Thread.Yield();
            return;
        }
        long start = time.GetTimestamp();
        _stopping.WaitHandle.WaitOne(1);
        _paused += time.GetElapsedTime(start);
    }

    /// <summary>
    /// Whether somebody looked at calls a moment ago: each list and each report reads all that is not in the database yet, so that leaving it in the
    /// journal costs the calls more than moving it does.
    /// </summary>
    internal bool IsLookedAt()
    {
        long opened = journal.ReadersOpened;
        if (opened != _readersSeen)
        {
            (_readersSeen, _readerSeenAt) = (opened, time.GetTimestamp());
        }
        return _readerSeenAt != 0 && time.GetElapsedTime(_readerSeenAt) < LookedAt;
    }

    // Since the last batch, and without what this one took. Another machine's database does its work itself: most of a batch is waiting.
    private double Busy(TimeSpan worked)
    {
        if (database.Provider != DatabaseProvider.Sqlite)
        {
            return 0;
        }
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long now = time.GetTimestamp();
        TimeSpan others = used - _used - worked;
        double busy = others / (time.GetElapsedTime(_looked, now) * Environment.ProcessorCount);
        (_used, _looked) = (used, now);
        return busy;
    }

    /// <summary>Moves at most one batch; returns how many records it held.</summary>
    internal async Task<int> DrainOnceAsync(CancellationToken cancellationToken)
    {
        if (_reader is not null && _batch.Count == 0 && _reader.Position >= journal.End)
        {
            return 0;
        }
        await database.EnsureAnswersAsync(time, cancellationToken);
        await using DbConnection connection = await database.OpenAsync(cancellationToken);
        if (database.Provider == DatabaseProvider.Sqlite)
        {
            // A second is enough, the records are safe where they are.
            SqlitePragmas.ForBackgroundWork(connection);
        }
        if (_reader is null)
        {
            _written = await UsageWriter.ReadPositionAsync(connection, null, journal.Id.ToString("N"), cancellationToken);
            _reader = journal.OpenReader(_written);
            // Its own is nobody who looks.
            _readersSeen = journal.ReadersOpened;
        }
        while (_batch.Count < Most && _reader.TryRead(out UsageRecord? record))
        {
            _batch.Add(record);
            if (_batch.Count % RecordsReadInAStep == 0)
            {
                GiveWay();
            }
        }
        KeepDamaged(_reader);
        if (_batch.Count == 0)
        {
            return 0;
        }
        int count = _batch.Count;
        bool written = false;
        try
        {
            written = await WriteAsync(connection, _reader.Position, cancellationToken);
        }
        finally
        {
            if (!written)
            {
                // Whether or not a broken connection let the commit through: the database knows, ask it again.
                _reader.Dispose();
                _reader = null;
            }
            _batch.Clear();
        }
        if (written)
        {
            _written = _reader!.Position;
            journal.DeleteBefore(_written);
            BoundLog(connection);
        }
        return count;
    }

    // Now and then: while somebody reads for minutes nothing helps.
    private void BoundLog(DbConnection connection)
    {
        if (time.GetElapsedTime(_bounded) >= BetweenBounds && database.File is { } file)
        {
            SqlitePragmas.BoundLog(connection, file);
            _bounded = time.GetTimestamp();
        }
    }

    /// <returns>False when nothing was written: the position has moved, or a smaller batch is to be tried.</returns>
    private async Task<bool> WriteAsync(DbConnection connection, JournalPosition to, CancellationToken cancellationToken)
    {
        try
        {
            bool written = await Writer.WriteAsync(connection, _batch, _written, to, cancellationToken);
            _most = Math.Min(_most * 2, BatchRecords);
            return written;
        }
        catch (Exception e) when (DatabaseErrors.IsOfContent(e, database.Provider))
        {
            if (_batch.Count > 1)
            {
                _most = _batch.Count / 2;
                return false;
            }
            _refused.Add(_batch[0], DatabaseErrors.ReasonOf(e));
            LogRefused(_batch[0].Id, _refused.Path, DatabaseErrors.ReasonOf(e));
            return await Writer.WriteAsync(connection, [], _written, to, cancellationToken);
        }
        catch
        {
            // It may have been too much for the time that a statement is given.
            _most = Math.Max(_batch.Count / 2, 1);
            throw;
        }
    }

    // The reader passes over what it cannot read, and the segment is deleted once that is behind it: nobody should have to find out by a sum.
    private void KeepDamaged(JournalReader reader)
    {
        foreach (JournalPosition place in reader.Damage)
        {
            if (_damaged.Add(place.Segment))
            {
                try
                {
                    LogDamaged(place.Segment, place.Offset, journal.Keep(place.Segment));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    LogDamagedNotKept(place.Segment, place.Offset, e.Message);
                }
            }
        }
    }

    private void Stalled(Exception e)
    {
        _failures++;
        // A deadlock or a short lock is tried again in silence.
        if (StalledSince is null && (_failures > 3 || e is not DbException { IsTransient: true }))
        {
            StalledSince = time.GetUtcNow();
            LogStalled(DatabaseErrors.IsFromDatabase(e) ? null : e, DatabaseErrors.ReasonOf(e));
        }
    }

    private void Recovered()
    {
        _failures = 0;
        if (StalledSince is not null)
        {
            // First, since it may fail: what is not over is not told anew.
            long left = journal.BytesAfter(_written);
            StalledSince = null;
            LogRecovered(left);
        }
    }

    [LoggerMessage(LogLevel.Error, "The database takes no usage records; they are kept in the journal until it does: {Reason}")]
    private partial void LogStalled(Exception? exception, string reason);

    [LoggerMessage(LogLevel.Error, "The database does not take the usage record {Id}, which is set aside in {Path}; the others go on: {Reason}")]
    private partial void LogRefused(Guid id, string path, string reason);

    [LoggerMessage(LogLevel.Error, "Segment {Segment} of the journal is damaged from byte {Offset} on: usage records in it may be lost, what can be read is used. It is kept as {Path}")]
    private partial void LogDamaged(long segment, int offset, string path);

    [LoggerMessage(LogLevel.Error, "Segment {Segment} of the journal is damaged from byte {Offset} on: usage records in it may be lost, and no copy of it could be kept: {Reason}")]
    private partial void LogDamagedNotKept(long segment, int offset, string reason);

    [LoggerMessage(LogLevel.Information, "The database takes usage records again; {Bytes} bytes of journal are still to be moved")]
    private partial void LogRecovered(long bytes);

    [LoggerMessage(LogLevel.Warning, "{Bytes} bytes of usage records stay in the journal and will be moved at the next start")]
    private partial void LogLeft(long bytes);
}
