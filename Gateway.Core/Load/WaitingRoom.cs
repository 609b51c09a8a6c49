namespace Gateway.Core.Load;

/// <summary>
/// Those who wait: of a better priority first, and within one the callers take turns, so that one who sends a thousand requests
/// does not keep out one who sends a single one. Used under its owner's lock.
/// </summary>
internal sealed class WaitingRoom
{
    private readonly SortedDictionary<int, WaitingLine> _lines = [];
    private int _count;
    private long _order;

    // The mean time between two places that became free, in milliseconds: what a Retry-After is reckoned from.
    private double _pace = 100;
    private long _freedMs;

    /// <summary>May be read without the lock.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(Waiter waiter)
    {
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
        }
        _freedMs = nowMs;
    }

    /// <summary>About how long somebody who came now would wait, 1 to 60 s.</summary>
    public TimeSpan ExpectedWait => TimeSpan.FromMilliseconds(Math.Clamp(_pace * (_count + 1), 1000, 60_000));

    private void Left(int priority, WaitingLine line)
    {
        if (line.IsEmpty)
        {
            _lines.Remove(priority);
        }
        _count--;
    }
}
