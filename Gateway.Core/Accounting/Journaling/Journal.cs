using System.Collections.Concurrent;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// The append-only file of usage records: what is in it outlives the process, and is moved to the database later. Appending
/// is safe from any number of threads, takes no lock and makes no system call but at the change of a segment (every ten
/// thousand calls or so), where a prepared one is taken over.
/// </summary>
public sealed class Journal : IAsyncDisposable
{
    // The one being written plus two: at thirty thousand calls a second each lasts a quarter of a second.
    private const int PreparedSegments = 2;

    private readonly JournalOptions _options;
    private readonly JournalDirectory _directory;
    private readonly GroupCommit? _commit;
    private readonly ConcurrentQueue<JournalSegment> _prepared = new();
    private readonly ConcurrentQueue<JournalSegment> _abandoned = new();
    private readonly List<JournalReader> _readers = [];
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _changing = new();
    private readonly Lock _making = new();
    private readonly ITimer _looking;
    private readonly Task _preparing;
    private JournalSegment? _current;
    private long _nextNumber;
    private volatile string? _failure;
    private string? _lost;
    private volatile bool _writable;
    private volatile bool _closed;
    private long _refused;
    private long _readersOpened;

    private Journal(JournalOptions options, TimeProvider time)
    {
        _options = options;
        _directory = JournalDirectory.Open(options.Directory);
        // Not from one: the numbers must grow even when somebody emptied the directory.
        FirstOwnSegment = Math.Max(_directory.HighestSegment + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        _nextNumber = FirstOwnSegment;
        _commit = options.Durability == JournalDurability.Disk ? new GroupCommit(Abandon) : null;
        _writable = true;
        Prepare();
        _prepared.TryDequeue(out _current);
        Prepare();
        _looking = time.CreateTimer(static journal => ((Journal)journal!)._wanted.Release(), this, options.RetryInterval, options.RetryInterval);
        // It waits for the disk, and makes files: the pool's threads are for the calls.
        _preparing = OwnThread.Run("Journal", () => PrepareAll(_stopping.Token));
    }

    /// <summary>Identifies this directory's journal for as long as the directory exists: the key of its position in a database.</summary>
    public Guid Id => _directory.Id;

    /// <summary>Where its files are.</summary>
    public string Directory => _options.Directory;

    /// <summary>
    /// False while no segment can be made (disk full) and while the one that is written is lost (read-only, deleted): call no
    /// upstream then. One segment is held in reserve, so that calls already under way can still be recorded.
    /// </summary>
    public bool IsWritable => _writable;

    /// <summary>Appends that found no room since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Readers opened since the start. Whoever looks at calls opens one, for those that are not in the database yet.</summary>
    public long ReadersOpened => Interlocked.Read(ref _readersOpened);

    /// <summary>Where the next record will be, or was a moment ago.</summary>
    public JournalPosition End =>
        Volatile.Read(ref _current) is { } current ? new JournalPosition(current.Number, current.Tail) : new JournalPosition(FirstOwnSegment, 0);

    /// <summary>Segments below this number were written by earlier processes and do not grow any more.</summary>
    internal long FirstOwnSegment { get; }

    /// <summary>Opens the journal of a directory for writing; what earlier processes left there is kept for readers.</summary>
    /// <exception cref="IOException">Another process has it open, or the directory cannot be used.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The segment size is out of range.</exception>
    public static Journal Open(JournalOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, 64 * 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SegmentBytes, 1024 * 1024 * 1024);
        return new Journal(options, time);
    }

    /// <summary>
    /// Records a call. With <see cref="JournalDurability.Process"/> it completes before it returns; with
    /// <see cref="JournalDurability.Disk"/> when the disk has it.
    /// </summary>
    /// <returns>False when it could not be recorded: no room, or the disk refused it.</returns>
    public ValueTask<bool> AppendAsync(UsageRecord record)
    {
        ReadOnlySpan<byte> payload = UsageRecordCodec.Encode(record);
        while (JournalEntry.Size(payload.Length) <= _options.SegmentBytes - SegmentFile.HeaderBytes)
        {
            JournalSegment? segment = Volatile.Read(ref _current);
            if (segment is not null && segment.TryEnter())
            {
                if (segment.TryAppend(payload))
                {
                    ValueTask<bool> done = _commit is null ? new ValueTask<bool>(true) : _commit.WaitAsync(segment);
                    Leave(segment);
                    return done;
                }
                Leave(segment);
            }
            if (!TryChangeSegment(segment))
            {
                break;
            }
        }
        Interlocked.Increment(ref _refused);
        return new ValueTask<bool>(false);
    }

    /// <summary>
    /// Reads from a position on, while others append; dispose it after use. Any number of readers may exist; what one of them
    /// has still to read is not deleted.
    /// </summary>
    public JournalReader OpenReader(JournalPosition from)
    {
        lock (_readers)
        {
            var reader = new JournalReader(_options.Directory, from, FirstOwnSegment, Close);
            _readers.Add(reader);
            Interlocked.Increment(ref _readersOpened);
            return reader;
        }
    }

    /// <summary>Bytes between a position and the end: about what a reader from there has before it. Lists the directory.</summary>
    public long BytesAfter(JournalPosition position)
    {
        JournalPosition end = End;
        long whole = SegmentFile.List(_options.Directory).LongCount(number => number >= position.Segment && number < end.Segment);
        return Math.Max((whole * _options.SegmentBytes) + end.Offset - position.Offset, 0);
    }

    /// <summary>
    /// Deletes the segments that lie wholly before <paramref name="position"/> and that no reader needs any more: what was in
    /// them must be safe elsewhere.
    /// </summary>
    public void DeleteBefore(JournalPosition position)
    {
        lock (_readers)
        {
            long first = _readers.Aggregate(position.Segment, (least, reader) => Math.Min(least, reader.HeldSegment));
            if (_directory.DeleteSegmentsBefore(first) && _failure is not null)
            {
                _wanted.Release();
            }
        }
    }

    /// <summary>Keeps a copy of a segment in which a reader found <see cref="JournalReader.Damage"/>, for people to look at; returns its path.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public string Keep(long segment) => SegmentFile.Keep(_options.Directory, segment);

    public async ValueTask DisposeAsync()
    {
        lock (_changing)
        {
            if (_closed)
            {
                return;
            }
            _closed = true;
        }
        await _looking.DisposeAsync();
        await _stopping.CancelAsync();
        await _preparing;
        if (_commit is not null)
        {
            await _commit.DisposeAsync();
        }
        if (Interlocked.Exchange(ref _current, null) is { } current)
        {
            Leave(current);
        }
        while (_prepared.TryDequeue(out JournalSegment? unused))
        {
            unused.Unmap();
        }
        UnmapAbandoned();
        _directory.Dispose();
        _stopping.Dispose();
    }

    private void Close(JournalReader reader)
    {
        lock (_readers)
        {
            _readers.Remove(reader);
        }
    }

    private void Leave(JournalSegment segment)
    {
        if (segment.Exit())
        {
            Abandon(segment);
        }
    }

    // Unmapping costs a system call that stops other threads for a moment: not on a request's time.
    private void Abandon(JournalSegment segment)
    {
        _abandoned.Enqueue(segment);
        _wanted.Release();
    }

    private bool TryChangeSegment(JournalSegment? full)
    {
        if (_prepared.IsEmpty && _failure is null && Volatile.Read(ref _current) == full)
        {
            // The background task is late, which takes a starved processor: better to wait for the disk than to lose a record.
            Prepare();
        }
        lock (_changing)
        {
            if (_closed)
            {
                return false;
            }
            if (_current != full)
            {
                return true;
            }
            if (!_prepared.TryDequeue(out JournalSegment? next))
            {
                return false;
            }
            Volatile.Write(ref _current, next);
        }
        if (full is not null)
        {
            Leave(full);
        }
        _wanted.Release();
        return true;
    }

    private void PrepareAll(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                DoWork();
                WaitForWork(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    private void DoWork()
    {
        try
        {
            UnmapAbandoned();
            LookAtFileSystem();
            while (_prepared.Count < PreparedSegments && Prepare())
            {
            }
        }
        catch (Exception)
        {
            // A moment without memory, say. Without this task appends would end with the segments that are prepared.
        }
    }

    private void WaitForWork(CancellationToken stopping)
    {
        _wanted.Wait(stopping);
        // What was asked for several times is done at one go.
        while (_wanted.Wait(0, CancellationToken.None))
        {
        }
    }

    private bool Prepare()
    {
        lock (_making)
        {
            string? failure = null;
            if (_prepared.Count < PreparedSegments)
            {
                try
                {
                    // There is one that was made and not mapped the last time, for want of memory or files: a reader may have it open by now.
                    if (!SegmentFile.IsUnused(Directory, _nextNumber, _options.SegmentBytes))
                    {
                        SegmentFile.Create(Directory, _nextNumber, _options.SegmentBytes, _options.Durability == JournalDurability.Disk);
                    }
                    _prepared.Enqueue(JournalSegment.Map(_options, _nextNumber));
                    _nextNumber++;
                }
                catch (Exception e)
                {
                    failure = e.Message;
                }
            }
            _failure = failure;
            Tell();
            return failure is null;
        }
    }

    // A mapping takes what is written into it after its file system has turned read-only, or its file was deleted, and the disk never sees it.
    private void LookAtFileSystem()
    {
        if (Volatile.Read(ref _current) is not { } current)
        {
            return;
        }
        string? lost = SegmentFile.WhyLost(_options.Directory, current.Number);
        if (Volatile.Read(ref _current) != current)
        {
            // It was left meanwhile, and deleted once it was drained.
            return;
        }
        lock (_making)
        {
            _lost = lost;
            Tell();
        }
    }

    private void Tell()
    {
        string? reason = _lost ?? (_prepared.IsEmpty ? _failure : null);
        if (_writable != reason is null)
        {
            _writable = reason is null;
            try
            {
                _options.StateChanged?.Invoke(_writable, reason);
            }
            catch (Exception)
            {
                // A log that cannot be written is to cost no record.
            }
        }
    }

    private void UnmapAbandoned()
    {
        while (_abandoned.TryDequeue(out JournalSegment? segment))
        {
            segment.Unmap();
        }
    }
}
