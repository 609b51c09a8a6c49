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

    // Of the longest wait: places become free irregularly, and others come who go first.
    private const double Believable = 0.75;

    private readonly SortedDictionary<int, WaitingLine> _lines = [];
    private int _count;
    private long _order;

    // Between two places that became free while somebody waited, in milliseconds: the last so many, since calls that began together
    // end together, and the last few say nothing then.
    private const int Remembered = 64;
    private int[]? _intervals;
    private long _sum;
    private int _samples;
    private int _next;
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
            int interval = (int)Math.Clamp(nowMs - _freedMs, 0, 60_000);
            _intervals ??= new int[Remembered];
            _sum += interval - _intervals[_next];
            _intervals[_next] = interval;
            _next = (_next + 1) % Remembered;
            _samples = Math.Min(_samples + 1, Remembered);
        }
        _freedMs = nowMs;
    }

    /// <summary>About how long somebody who came now would wait, 1 to 60 s.</summary>
    public TimeSpan ExpectedWait => TimeSpan.FromMilliseconds(Math.Clamp(Pace * (_count + 1), 1000, 60_000));

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
        return Pace * (ahead + 1) > longest.TotalMilliseconds * Believable;
    }

    // The mean, in milliseconds; a guess before there is one.
    private double Pace => _samples == 0 ? 100 : (double)_sum / _samples;

    private void Left(int priority, WaitingLine line)
    {
        if (line.IsEmpty)
        {
            _lines.Remove(priority);
        }
        _count--;
    }
}
