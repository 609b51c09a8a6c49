namespace Gateway.Core.Accounting.Journaling;

/// <summary>Brings appended records to the disk, on a thread of its own, since it waits for the disk: all that wait at the same time share one flush.</summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private readonly Action<JournalSegment> _abandon;
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly Lock _joining = new();
    private readonly Task _flushing;
    private Batch _open = new();
    private bool _closed;

    /// <param name="abandon">Takes a segment whose last user the commit was.</param>
    public GroupCommit(Action<JournalSegment> abandon)
    {
        _abandon = abandon;
        _flushing = OwnThread.Run("Journal flush", FlushAll);
    }

    /// <summary>Completes when everything in <paramref name="segment"/> so far is on the disk; false if the disk refused it.</summary>
    public ValueTask<bool> WaitAsync(JournalSegment segment)
    {
        lock (_joining)
        {
            if (_closed)
            {
                return new ValueTask<bool>(false);
            }
            if (!_open.Segments.Contains(segment) && segment.TryEnter())
            {
                _open.Segments.Add(segment);
            }
            if (!_open.Started)
            {
                _open.Started = true;
                _work.Release();
            }
            return new ValueTask<bool>(_open.Done.Task);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_joining)
        {
            _closed = true;
            if (!_open.Started)
            {
                _open.Started = true;
                _work.Release();
            }
        }
        await _flushing;
        _work.Dispose();
    }

    private void FlushAll()
    {
        bool last = false;
        while (!last)
        {
            _work.Wait();
            Batch batch;
            lock (_joining)
            {
                batch = _open;
                _open = new Batch();
                last = _closed;
            }
            batch.Done.SetResult(Flush(batch));
        }
    }

    private bool Flush(Batch batch)
    {
        bool flushed = true;
        foreach (JournalSegment segment in batch.Segments)
        {
            try
            {
                segment.Flush();
            }
            catch (Exception)
            {
                // Whatever it is, whoever waits is told, and the next batch is tried.
                flushed = false;
            }
            if (segment.Exit())
            {
                _abandon(segment);
            }
        }
        return flushed;
    }

    private sealed class Batch
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>One as a rule, two around a change of segment; each held mapped by this batch.</summary>
        public List<JournalSegment> Segments { get; } = [];
        public bool Started { get; set; }
    }
}
