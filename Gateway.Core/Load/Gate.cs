namespace Gateway.Core.Load;

/// <summary>
/// Lets so many requests through at a time; further ones wait for their turn (see <see cref="WaitingRoom"/>). Who waits too
/// long, or finds the waiting room full, is turned away. Safe for concurrent use; where there is room, entering is one short lock.
/// </summary>
public sealed class Gate
{
    private readonly Lock _lock = new();
    private readonly WaitingRoom _room = new();
    private int _inside;

    public int Inside => Volatile.Read(ref _inside);
    public int Waiting => _room.Count;

    /// <summary>A place, at once or after a wait.</summary>
    /// <param name="most">Places there are; 0 is any number.</param>
    /// <param name="caller">Whose turn it is among those who wait.</param>
    /// <param name="priority">Lower goes first.</param>
    /// <param name="closed">Ends every wait.</param>
    /// <returns>False: the waiting room was full, the wait too long or going to be, or it was ended.</returns>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<bool> EnterAsync(int most, LoadSettings settings, string caller, int priority, TimeProvider time, CancellationToken closed, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (most <= 0 || (_inside < most && _room.Count == 0))
            {
                _inside++;
                return new ValueTask<bool>(true);
            }
            if (_room.Count >= settings.QueueLength || settings.QueueTimeout <= TimeSpan.Zero || _room.IsHopeless(caller, priority, settings.QueueTimeout))
            {
                return new ValueTask<bool>(false);
            }
            _room.Add(waiter = new Waiter(caller, priority));
            // The number of places may have grown since the last one was freed.
            Admit(most);
        }
        return WaitAsync(waiter, settings.QueueTimeout, time, closed, cancellation);
    }

    /// <summary>Gives a place back; whoever's turn it is gets it.</summary>
    public void Leave(int most, long nowMs)
    {
        lock (_lock)
        {
            _inside--;
            _room.Freed(nowMs);
            Admit(most);
        }
    }

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

    private void Admit(int most)
    {
        while ((most <= 0 || _inside < most) && _room.Take() is { } next)
        {
            _inside++;
            next.Called.SetResult(true);
        }
    }

    private async ValueTask<bool> WaitAsync(Waiter waiter, TimeSpan timeout, TimeProvider time, CancellationToken closed, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using CancellationTokenRegistration late = limit.Token.UnsafeRegister(_ => GiveUp(waiter), null);
        using CancellationTokenRegistration ended = closed.UnsafeRegister(_ => GiveUp(waiter), null);
        using CancellationTokenRegistration left = cancellation.UnsafeRegister(_ => GiveUp(waiter), null);
        bool admitted = await waiter.Called.Task;
        if (!admitted)
        {
            cancellation.ThrowIfCancellationRequested();
        }
        return admitted;
    }

    private void GiveUp(Waiter waiter)
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
