namespace Gateway.Core.Load;

/// <summary>
/// Where requests of one model wait while all its backends have as many calls as they may. Whoever's turn it is when a call
/// ends looks for a place again, and keeps its turn if another was quicker. Safe for concurrent use.
/// </summary>
public sealed class BackendQueue
{
    // A place at a provider may be freed by a call of another model, which wakes nobody here.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly WaitingRoom _room = new();

    public int Waiting => _room.Count;

    /// <summary>About how long somebody who came now would wait.</summary>
    public TimeSpan ExpectedWait
    {
        get
        {
            lock (_lock)
            {
                return _room.ExpectedWait;
            }
        }
    }

    /// <summary>A call to one of the backends ended.</summary>
    public void Wake(long nowMs)
    {
        if (_room.Count == 0)
        {
            return;
        }
        lock (_lock)
        {
            _room.Freed(nowMs);
            _room.Take()?.Called.SetResult(true);
        }
    }

    /// <summary>Waits until it is worth looking for a place; false when there is no room to wait in, or no hope.</summary>
    /// <param name="longest">How much longer the request may wait.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    internal async ValueTask<bool> WaitAsync(Waiter waiter, int most, TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_room.Count >= most || (waiter.Order == 0 && _room.IsHopeless(waiter.Caller, waiter.Priority, longest)))
            {
                return false;
            }
            waiter.WaitAgain();
            _room.Add(waiter);
        }
        using var limit = new CancellationTokenSource(longest < LookAgain ? longest : LookAgain, time);
        using CancellationTokenRegistration late = limit.Token.UnsafeRegister(_ => Leave(waiter), null);
        using CancellationTokenRegistration left = cancellation.UnsafeRegister(_ => Leave(waiter), null);
        await waiter.Called.Task;
        if (cancellation.IsCancellationRequested)
        {
            // Its turn may have come in this very moment: it is the next one's.
            Wake((long)time.GetElapsedTime(0).TotalMilliseconds);
            cancellation.ThrowIfCancellationRequested();
        }
        return true;
    }

    private void Leave(Waiter waiter)
    {
        lock (_lock)
        {
            if (_room.Remove(waiter))
            {
                waiter.Called.SetResult(false);
            }
        }
    }
}
