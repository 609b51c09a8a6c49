namespace Gateway.Core.Capture;

/// <summary>
/// An operator's wish that what is said in a key's next calls be kept: so many of them, until a time. Counts down exactly,
/// whatever runs at once; the same object goes through changes of the catalog. Safe for concurrent use.
/// </summary>
/// <param name="until">Names the order, too: a new one has another time.</param>
public sealed class CaptureOrder(int most, DateTimeOffset until)
{
    private int _left = most;

    public DateTimeOffset Until => until;

    /// <summary>How many calls are still to be kept.</summary>
    public int Left => Volatile.Read(ref _left);

    /// <summary>One call is kept; false when there were enough, or the time is over.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        int left = Volatile.Read(ref _left);
        while (left > 0 && now < until)
        {
            int seen = Interlocked.CompareExchange(ref _left, left - 1, left);
            if (seen == left)
            {
                return true;
            }
            left = seen;
        }
        return false;
    }

    /// <summary>The call that was taken is not kept after all.</summary>
    public void GiveBack() => Interlocked.Increment(ref _left);

    /// <summary>Other nodes have kept some, too. Never raises what is left.</summary>
    public void LowerTo(int most)
    {
        int left = Volatile.Read(ref _left);
        while (left > most)
        {
            int seen = Interlocked.CompareExchange(ref _left, Math.Max(0, most), left);
            if (seen == left)
            {
                return;
            }
            left = seen;
        }
    }
}
