using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Gateway.Core.Telemetry;

/// <summary>
/// A bounded queue whose one reader has a thread of its own and takes at a time what came within some milliseconds. While there is
/// traffic the reader sleeps and looks again: waking a thread for each entry costs more than what it does then, and so does a timer.
/// </summary>
/// <param name="capacity">What comes beyond it is dropped.</param>
/// <param name="gathering">How long an entry may wait for others.</param>
/// <param name="dropped">Called for each entry that finds no room.</param>
internal sealed class GatheredQueue<T>(int capacity, TimeSpan gathering, Action dropped)
{
    private readonly Channel<T> _entries = Channel.CreateBounded<T>(
        new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }, _ => dropped());

    // Not a Lock: the reader waits on it.
    private readonly object _waiting = new();
    private bool _idle;
    private bool _ended;

    /// <summary>Safe for concurrent use; never waits. What is added after the end is ignored.</summary>
    public void Add(T entry)
    {
        _entries.Writer.TryWrite(entry);
        // Between writing and looking, as the reader does it the other way around: one of them sees the other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _idle) && Interlocked.Exchange(ref _idle, false))
        {
            lock (_waiting)
            {
                Monitor.Pulse(_waiting);
            }
        }
    }

    /// <summary>No more entries come; false when that was said before.</summary>
    public bool TryEnd()
    {
        bool first = _entries.Writer.TryComplete();
        lock (_waiting)
        {
            _ended = true;
            Monitor.Pulse(_waiting);
        }
        return first;
    }

    /// <summary>For the reader: blocks until there are entries. False once all are read and no more come.</summary>
    /// <param name="gather">False when what is there has waited already.</param>
    public bool WaitToRead(bool gather = true)
    {
        while (true)
        {
            bool ended = gather ? WaitGathering() : Volatile.Read(ref _ended);
            if (_entries.Reader.TryPeek(out _))
            {
                return true;
            }
            if (ended)
            {
                return false;
            }
            WaitIdle();
            gather = true;
        }
    }

    public bool TryRead([MaybeNullWhen(false)] out T entry) => _entries.Reader.TryRead(out entry);

    private bool WaitGathering()
    {
        lock (_waiting)
        {
            if (!_ended)
            {
                Monitor.Wait(_waiting, gathering);
            }
            return _ended;
        }
    }

    private void WaitIdle()
    {
        Interlocked.Exchange(ref _idle, true);
        if (!_entries.Reader.TryPeek(out _))
        {
            lock (_waiting)
            {
                if (_idle && !_ended)
                {
                    Monitor.Wait(_waiting);
                }
            }
        }
        Volatile.Write(ref _idle, false);
    }
}
