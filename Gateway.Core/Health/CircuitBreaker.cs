namespace Gateway.Core.Health;

/// <summary>
/// Keeps calls from a backend that is dead: opens after failures in a row, or after too large a share of them within a
/// window, and lets one call at a time through after a pause to find out whether it is back. Times are milliseconds of a
/// monotonic clock. Safe for concurrent use; a call that enters a closed circuit takes no lock.
/// </summary>
public sealed class CircuitBreaker
{
    private const int Buckets = 10;

    // Whoever looks once a second misses none: a circuit stays open for longer than it takes to flip so often.
    private const int KeptFlips = 32;

    // A probe whose outcome never arrives must not keep the backend out for ever.
    private const long ProbeForgottenAfterMs = 60_000;

    private readonly Lock _gate = new();
    private readonly Bucket[] _window = new Bucket[Buckets];
    private volatile BreakerState _state;
    private int _generation;
    private int _inRow;
    private int _openings;
    private long _openUntilMs;
    private long _probingSinceMs = long.MinValue;
    private long _changedMs;
    private long _closedAgainMs = long.MinValue;
    private BreakerFlip[]? _flips;
    private int _flipCount;
    private bool _setAside;
    private bool _heard;

    /// <summary>An open circuit whose pause is over counts as half open.</summary>
    public BreakerState StateAt(long nowMs) =>
        _state == BreakerState.Open && nowMs >= Volatile.Read(ref _openUntilMs) ? BreakerState.HalfOpen : _state;

    /// <summary>When the state last changed.</summary>
    public long ChangedMs => Volatile.Read(ref _changedMs);

    /// <summary>Failures in a row since the last success.</summary>
    public int FailuresInRow => Volatile.Read(ref _inRow);

    /// <summary>Milliseconds until a call may go through; 0 is now.</summary>
    public long WaitMs(long nowMs)
    {
        if (_state == BreakerState.Closed)
        {
            return 0;
        }
        lock (_gate)
        {
            return _state == BreakerState.Closed ? 0
                : nowMs < _openUntilMs ? _openUntilMs - nowMs
                : IsProbing(nowMs) ? 1000 : 0;
        }
    }

    /// <summary>Whether <see cref="TryEnter"/> would let a call through; changes nothing.</summary>
    public bool MayEnter(long nowMs) => _state == BreakerState.Closed || WaitMs(nowMs) == 0;

    /// <summary>Lets a call through, or does not. Every ticket is given back by <see cref="Report"/>, once.</summary>
    public bool TryEnter(long nowMs, out BreakerTicket ticket)
    {
        ticket = new BreakerTicket(Volatile.Read(ref _generation), false);
        if (_state == BreakerState.Closed)
        {
            return true;
        }
        lock (_gate)
        {
            if (_state == BreakerState.Closed)
            {
                ticket = new BreakerTicket(_generation, false);
                return true;
            }
            if (nowMs < _openUntilMs || IsProbing(nowMs))
            {
                return false;
            }
            if (_state == BreakerState.Open)
            {
                _changedMs = nowMs;
                Note(BreakerState.HalfOpen, nowMs, "its pause is over and one call tries it", BreakerWitness.Calls);
            }
            _setAside = false;
            _state = BreakerState.HalfOpen;
            _probingSinceMs = nowMs;
            ticket = new BreakerTicket(++_generation, true);
            return true;
        }
    }

    /// <summary>Tells how a call went that <see cref="TryEnter"/> let through.</summary>
    public void Report(BreakerTicket ticket, CallOutcome outcome, long nowMs, BreakerSettings settings)
    {
        if (outcome == CallOutcome.Unknown && !ticket.IsProbe)
        {
            return;
        }
        lock (_gate)
        {
            if (ticket.Generation != _generation)
            {
                // What began before the circuit opened says nothing about now, be it closed again or not.
                return;
            }
            if (_state == BreakerState.Closed)
            {
                Count(outcome, nowMs, settings);
            }
            else if (ticket.IsProbe)
            {
                EndProbe(outcome, nowMs, settings);
            }
        }
    }

    /// <summary>Lets the next call through as a probe, for a check from outside has seen the backend alive.</summary>
    public void Suspect(long nowMs)
    {
        lock (_gate)
        {
            if (_state == BreakerState.Open && _openUntilMs > nowMs && !_setAside)
            {
                _openUntilMs = nowMs;
            }
        }
    }

    /// <summary>Closes it because somebody knows that the backend is well. Nothing when it is closed.</summary>
    public void CloseByHand(long nowMs)
    {
        lock (_gate)
        {
            if (_state != BreakerState.Closed)
            {
                Close(nowMs, "an operator closed it", BreakerWitness.Operator);
            }
        }
    }

    /// <summary>Opens it for a time whatever calls and checks show; then one call tries the backend.</summary>
    public void SetAside(long nowMs, TimeSpan time)
    {
        lock (_gate)
        {
            Open(nowMs, nowMs + (long)time.TotalMilliseconds, "an operator set it aside", BreakerWitness.Operator);
            _setAside = true;
        }
    }

    /// <summary>
    /// Another node's calls opened its circuit. Who has not called the backend lately believes it, for one ordinary pause at most:
    /// it may be the other node's network. Who has, and went well, opens at its own next failure instead.
    /// </summary>
    /// <param name="cause">For people: who says so.</param>
    public void HearOpened(long nowMs, TimeSpan pause, string cause, BreakerSettings settings)
    {
        lock (_gate)
        {
            if (_state == BreakerState.Closed && HasSucceededLately(nowMs, settings))
            {
                _inRow = Math.Max(_inRow, settings.ConsecutiveFailures - 1);
            }
            else if (_state == BreakerState.Closed || (_heard && !IsProbing(nowMs)))
            {
                Open(nowMs, nowMs + (long)Math.Min(pause.TotalMilliseconds, settings.OpenFor.TotalMilliseconds), cause, BreakerWitness.Node);
                _heard = true;
            }
        }
    }

    /// <summary>Another node's call went well: closes what was open on such a word alone, else lets the next call try.</summary>
    /// <param name="cause">For people: who says so.</param>
    public void HearClosed(long nowMs, string cause)
    {
        lock (_gate)
        {
            if (_heard && _state != BreakerState.Closed)
            {
                Close(nowMs, cause, BreakerWitness.Node);
            }
        }
        Suspect(nowMs);
    }

    /// <summary>The changes of state after the one of that number, oldest first; 0 for all that are remembered.</summary>
    public IReadOnlyList<BreakerFlip> FlipsSince(int number)
    {
        if (Volatile.Read(ref _flipCount) <= number)
        {
            return [];
        }
        lock (_gate)
        {
            int first = Math.Max(number, _flipCount - KeptFlips);
            return [.. Enumerable.Range(first, _flipCount - first).Select(i => _flips![i % KeptFlips])];
        }
    }

    /// <summary>The share of its traffic that a backend gets which is just back, 0.1 to 1.</summary>
    public double Share(long nowMs, BreakerSettings settings)
    {
        long since = Volatile.Read(ref _closedAgainMs);
        if (since == long.MinValue)
        {
            return 1;
        }
        double ramp = settings.SlowStart.TotalMilliseconds;
        double passed = nowMs - since;
        if (passed >= ramp)
        {
            Volatile.Write(ref _closedAgainMs, long.MinValue);
            return 1;
        }
        return Math.Max(0.1, passed / ramp);
    }

    private bool IsProbing(long nowMs) => _probingSinceMs != long.MinValue && nowMs - _probingSinceMs < ProbeForgottenAfterMs;

    private bool HasSucceededLately(long nowMs, BreakerSettings settings)
    {
        long oldest = (nowMs / SlotWidth(settings)) - Buckets;
        foreach (Bucket bucket in _window)
        {
            if (bucket.Slot > oldest && bucket.Calls > bucket.Failures)
            {
                return true;
            }
        }
        return false;
    }

    private static long SlotWidth(BreakerSettings settings) => Math.Max(1, (long)settings.Window.TotalMilliseconds / Buckets);

    private void Count(CallOutcome outcome, long nowMs, BreakerSettings settings)
    {
        long slot = nowMs / SlotWidth(settings);
        ref Bucket bucket = ref _window[slot % Buckets];
        if (bucket.Slot != slot)
        {
            bucket = new Bucket { Slot = slot };
        }
        bucket.Calls++;
        if (outcome == CallOutcome.Alive)
        {
            _inRow = 0;
            return;
        }
        bucket.Failures++;
        _inRow++;
        bool inRow = settings.ConsecutiveFailures > 0 && _inRow >= settings.ConsecutiveFailures;
        if (inRow)
        {
            Open(nowMs, settings, $"{_inRow} calls in a row failed");
        }
        else if (IsRateReached(slot, settings, out long failures, out long calls))
        {
            Open(nowMs, settings, $"{failures} of {calls} calls failed within {settings.Window.TotalSeconds:0.#} s");
        }
    }

    private bool IsRateReached(long slot, BreakerSettings settings, out long failures, out long calls)
    {
        (calls, failures) = (0, 0);
        foreach (Bucket bucket in _window)
        {
            if (bucket.Slot > slot - Buckets)
            {
                calls += bucket.Calls;
                failures += bucket.Failures;
            }
        }
        return settings.FailureRate > 0 && calls >= settings.MinimumCalls && failures >= settings.FailureRate * calls;
    }

    private void EndProbe(CallOutcome outcome, long nowMs, BreakerSettings settings)
    {
        _probingSinceMs = long.MinValue;
        switch (outcome)
        {
            case CallOutcome.Alive:
                Close(nowMs, "the call that tried it went well", BreakerWitness.Calls);
                break;
            case CallOutcome.Failed:
                _inRow++;
                Open(nowMs, settings, "the call that tried it failed");
                break;
        }
    }

    private void Close(long nowMs, string cause, BreakerWitness witness)
    {
        _state = BreakerState.Closed;
        _openings = 0;
        _inRow = 0;
        (_setAside, _heard) = (false, false);
        _probingSinceMs = long.MinValue;
        Array.Clear(_window);
        _changedMs = nowMs;
        _closedAgainMs = nowMs;
        Note(BreakerState.Closed, nowMs, cause, witness);
    }

    private void Open(long nowMs, BreakerSettings settings, string cause)
    {
        double pause = Math.Min(settings.OpenFor.TotalMilliseconds * Math.Pow(2, Math.Min(_openings, 20)), settings.LongestOpen.TotalMilliseconds);
        _openings++;
        Open(nowMs, nowMs + (long)pause, cause, BreakerWitness.Calls);
    }

    private void Open(long nowMs, long untilMs, string cause, BreakerWitness witness)
    {
        _openUntilMs = untilMs;
        _changedMs = nowMs;
        _probingSinceMs = long.MinValue;
        _generation++;
        _heard = false;
        _state = BreakerState.Open;
        Note(BreakerState.Open, nowMs, cause, witness);
    }

    // Under the lock. Circuits flip seldom, and most never.
    private void Note(BreakerState to, long nowMs, string cause, BreakerWitness witness)
    {
        _flips ??= new BreakerFlip[KeptFlips];
        _flips[_flipCount % KeptFlips] = new BreakerFlip(_flipCount + 1, to, nowMs, cause, witness);
        Volatile.Write(ref _flipCount, _flipCount + 1);
    }

    private struct Bucket
    {
        public long Slot;
        public int Calls;
        public int Failures;
    }
}

/// <summary>A call's leave to pass a circuit.</summary>
public readonly record struct BreakerTicket(int Generation, bool IsProbe);
