namespace Gateway.Core.Load;

/// <summary>
/// Those who wait: of a better priority first, and within one the callers take turns, so that one who sends a thousand requests
/// does not keep out one who sends a single one. Used under its owner's lock.
/// </summary>
internal sealed class WaitingRoom
{
    // Who comes when so few wait may always wait: else nobody would find out that it goes faster by now.
    private const int AlwaysLetIn = 2;
    private const int SamplesToBelieve = 8;

    private readonly SortedDictionary<int, WaitingLine> _lines = [];
    private int _count;
    private long _order;

    // The mean time between two places that became free while somebody waited, in milliseconds.
    private double _pace = 100;
    private int _samples;
    private long _freedMs;

    /// <summary>May be read without the lock.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(Waiter waiter)
    {
        if (_count == 0 && waiter.Order == 0)
        {
            // While nobody waited, places became free for other reasons than that somebody was quick.
            _freedMs = 0;
        }
        waiter.Order = waiter.Order == 0 ? ++_order : waiter.Order;
        if (!_lines.TryGetValue(waiter.Priority, out WaitingLine? line))
        {
            _lines.Add(waiter.Priority, line = new WaitingLine());
        }
        line.Add(waiter);
        _count++;
    }

    /// <summary>Whose turn it is; null when nobody waits.</summary>
    public Waiter? Take()
    {
        foreach ((int priority, WaitingLine line) in _lines)
        {
            Waiter next = line.Take();
            Left(priority, line);
            return next;
        }
        return null;
    }

    /// <summary>False when it does not wait here, or no longer.</summary>
    public bool Remove(Waiter waiter)
    {
        if (!_lines.TryGetValue(waiter.Priority, out WaitingLine? line) || !line.Remove(waiter))
        {
            return false;
        }
        Left(waiter.Priority, line);
        return true;
    }

    /// <summary>A place became free.</summary>
    public void Freed(long nowMs)
    {
        if (_freedMs > 0)
        {
            _pace += 0.1 * (Math.Min(nowMs - _freedMs, 60_000) - _pace);
            _samples = Math.Min(_samples + 1, SamplesToBelieve);
        }
        _freedMs = nowMs;
    }

    /// <summary>About how long somebody who came now would wait, 1 to 60 s.</summary>
    public TimeSpan ExpectedWait => TimeSpan.FromMilliseconds(Math.Clamp(_pace * (_count + 1), 1000, 60_000));

    /// <summary>
    /// Whether somebody who came now would, as places become free, be turned away after all: better to be told at once. Knows
    /// nothing before some have waited.
    /// </summary>
    public bool IsHopeless(string caller, int priority, TimeSpan longest)
    {
        if (_samples < SamplesToBelieve || _count < AlwaysLetIn)
        {
            return false;
        }
        int ahead = 0;
        foreach ((int other, WaitingLine line) in _lines)
        {
            if (other > priority)
            {
                break;
            }
            ahead += other == priority ? line.AheadOf(caller) : line.Count;
        }
        return _pace * (ahead + 1) > longest.TotalMilliseconds;
    }

    private void Left(int priority, WaitingLine line)
    {
        if (line.IsEmpty)
        {
            _lines.Remove(priority);
        }
        _count--;
    }
}
