namespace Gateway.Core.Load;

/// <summary>
/// Lets so many requests through at a time; further ones wait, of a better priority first, and within one the callers take
/// turns, so that one who sends a thousand does not keep out one who sends a single one. Who waits too long, or finds the
/// waiting room full, is turned away. Safe for concurrent use; where there is room, entering is one short lock.
/// </summary>
public sealed class Gate
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, WaitingLine> _lines = [];
    private int _inside;
    private int _waiting;

    // The mean time between two places that became free, in milliseconds: what a Retry-After is reckoned from.
    private double _pace = 100;
    private long _freedMs;

    public int Inside => Volatile.Read(ref _inside);
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>A place, at once or after a wait.</summary>
    /// <param name="most">Places there are; 0 is any number.</param>
    /// <param name="caller">Whose turn it is among those who wait.</param>
    /// <param name="priority">Lower goes first.</param>
    /// <returns>False: the waiting room was full, or the wait too long.</returns>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<bool> EnterAsync(int most, LoadSettings settings, string caller, int priority, TimeProvider time, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (most <= 0 || (_inside < most && _waiting == 0))
            {
                _inside++;
                return new ValueTask<bool>(true);
            }
            if (_waiting >= settings.QueueLength || settings.QueueTimeout <= TimeSpan.Zero)
            {
                return new ValueTask<bool>(false);
            }
            waiter = new Waiter();
            Line(priority).Add(caller, waiter);
            _waiting++;
            // The number of places may have grown since the last one was freed.
            Admit(most);
        }
        return WaitAsync(waiter, settings.QueueTimeout, time, cancellation);
    }

    /// <summary>Gives a place back; whoever's turn it is gets it.</summary>
    public void Leave(int most, long nowMs)
    {
        lock (_lock)
        {
            _inside--;
            if (_freedMs > 0)
            {
                _pace += 0.1 * (Math.Min(nowMs - _freedMs, 60_000) - _pace);
            }
            _freedMs = nowMs;
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
                return TimeSpan.FromMilliseconds(Math.Clamp(_pace * (_waiting + 1), 1000, 60_000));
            }
        }
    }

    private WaitingLine Line(int priority)
    {
        if (!_lines.TryGetValue(priority, out WaitingLine? line))
        {
            _lines.Add(priority, line = new WaitingLine());
        }
        return line;
    }

    private void Admit(int most)
    {
        while (_waiting > 0 && (most <= 0 || _inside < most))
        {
            foreach ((int priority, WaitingLine line) in _lines)
            {
                Waiter next = line.Take();
                if (line.IsEmpty)
                {
                    _lines.Remove(priority);
                }
                _waiting--;
                _inside++;
                next.Admitted.SetResult(true);
                break;
            }
        }
    }

    private async ValueTask<bool> WaitAsync(Waiter waiter, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using CancellationTokenRegistration late = limit.Token.UnsafeRegister(_ => GiveUp(waiter), null);
        using CancellationTokenRegistration left = cancellation.UnsafeRegister(_ => GiveUp(waiter), null);
        bool admitted = await waiter.Admitted.Task;
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
            foreach ((int priority, WaitingLine line) in _lines)
            {
                if (line.Remove(waiter))
                {
                    _waiting--;
                    if (line.IsEmpty)
                    {
                        _lines.Remove(priority);
                    }
                    waiter.Admitted.SetResult(false);
                    return;
                }
            }
        }
    }

    internal sealed class Waiter
    {
        public TaskCompletionSource<bool> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public string Caller { get; set; } = "";
    }
}
