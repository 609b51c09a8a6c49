namespace Gateway.Core.Limits;

/// <summary>Runtime facts of a scope in this process; survives catalog changes.</summary>
public sealed class ScopeState
{
    private int _inFlight;

    /// <summary>Requests and tokens of the last minute.</summary>
    public SlidingWindow Window { get; } = new();

    /// <summary>Calls that hold a place of the scope's <see cref="LimitScope.MaxParallel"/>.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Takes a place; false, and nothing taken, when all are.</summary>
    internal bool TryEnter(int maxParallel)
    {
        if (Interlocked.Increment(ref _inFlight) <= maxParallel)
        {
            return true;
        }
        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _inFlight);
}
