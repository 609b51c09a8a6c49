namespace Gateway.Core.Limits;

/// <summary>
/// Requests and tokens of the last minute for one scope, in 250 ms steps. Exact in the sense that matters: a limit is never
/// exceeded; a place comes free at most one step later than a window of single instants would give it. Requests count from
/// their admission. Tokens count as reserved while a call runs, whatever it takes, and from its settlement as used.
/// </summary>
public sealed class SlidingWindow
{
    /// <summary>The window, in milliseconds.</summary>
    public const int WindowMs = 60_000;

    private const int StepMs = 250;

    // One more than fit the window, since the current step is not over yet.
    private const int Steps = (WindowMs / StepMs) + 1;

    private readonly Lock _gate = new();

    // Allocated with the first limited request: most keys of a large installation are idle.
    private Step[]? _steps;
    private long _newest;
    private long _requests;
    private long _tokens;
    private long _reserved;
    private int _inFlight;

    /// <summary>Takes a place and reserves tokens, or takes nothing and says which limit stood in the way.</summary>
    /// <param name="nowMs">A clock that never goes back, in milliseconds.</param>
    /// <param name="rpm">Requests a minute; 0 is unlimited.</param>
    /// <param name="tpm">Tokens a minute; 0 is unlimited.</param>
    /// <param name="tokens">To reserve. More than is left is granted only while nothing else is in flight.</param>
    public LimitDecision TryAdmit(long nowMs, int rpm, int tpm, long tokens)
    {
        lock (_gate)
        {
            Advance(nowMs);
            LimitKind exceeded = Exceeded(rpm, tpm, tokens);
            if (exceeded == LimitKind.None)
            {
                _requests++;
                _steps![_newest % Steps].Requests++;
                _reserved += tokens;
                _inFlight++;
            }
            return Describe(nowMs, rpm, tpm, exceeded, tokens);
        }
    }

    /// <summary>Takes an admission back as if it had never been: another scope refused the call.</summary>
    /// <param name="admittedMs">When it was admitted.</param>
    internal void Undo(long nowMs, long admittedMs, long tokens)
    {
        lock (_gate)
        {
            Advance(nowMs);
            _reserved -= tokens;
            _inFlight--;
            // Another thread's later clock may have put it one step on.
            long first = Math.Max(admittedMs / StepMs, _newest - Steps + 1);
            for (long step = first; step <= _newest; step++)
            {
                if (_steps![step % Steps].Requests > 0)
                {
                    _requests--;
                    _steps[step % Steps].Requests--;
                    return;
                }
            }
        }
    }

    /// <summary>Holds so many tokens more, however few are left.</summary>
    internal void Extend(long more)
    {
        lock (_gate)
        {
            _reserved += more;
        }
    }

    /// <summary>Ends a call that was admitted: what it reserved comes free, what it used counts from now on.</summary>
    public void Settle(long nowMs, long reserved, long used)
    {
        lock (_gate)
        {
            Advance(nowMs);
            _reserved -= reserved;
            _inFlight--;
            _tokens += used;
            _steps![_newest % Steps].Tokens += used;
        }
    }

    /// <summary>The present state, taking nothing.</summary>
    public LimitDecision Peek(long nowMs, int rpm, int tpm)
    {
        lock (_gate)
        {
            Advance(nowMs);
            return Describe(nowMs, rpm, tpm, LimitKind.None, 0);
        }
    }

    /// <summary>Until a request for so many tokens would be let through; 0 is now. Takes nothing.</summary>
    public long WaitMs(long nowMs, int rpm, int tpm, long tokens)
    {
        lock (_gate)
        {
            Advance(nowMs);
            return Exceeded(rpm, tpm, tokens) switch
            {
                LimitKind.Requests => RequestsFitMs(nowMs, rpm),
                LimitKind.Tokens => TokensFitMs(nowMs, tpm, tokens),
                _ => 0,
            };
        }
    }

    private LimitKind Exceeded(int rpm, int tpm, long tokens)
    {
        long tokensLeft = tpm - _tokens - _reserved;
        return rpm > 0 && _requests >= rpm ? LimitKind.Requests
            : tpm > 0 && tokens > tokensLeft && (tokensLeft <= 0 || _inFlight > 0) ? LimitKind.Tokens
            : LimitKind.None;
    }

    private void Advance(long nowMs)
    {
        long now = nowMs / StepMs;
        if (_steps is null)
        {
            _steps = new Step[Steps];
            _newest = now;
        }
        // After a minute of silence every step is stale; no need to walk through more than all of them.
        for (long step = Math.Max(_newest + 1, now - Steps + 1); step <= now; step++)
        {
            ref Step stale = ref _steps[step % Steps];
            _requests -= stale.Requests;
            _tokens -= stale.Tokens;
            stale = default;
        }
        _newest = Math.Max(_newest, now);
    }

    private LimitDecision Describe(long nowMs, int rpm, int tpm, LimitKind exceeded, long wanted) => new(
        exceeded,
        rpm,
        tpm,
        rpm == 0 ? 0 : Math.Max(0, rpm - _requests),
        tpm == 0 ? 0 : Math.Max(0, tpm - _tokens - _reserved),
        rpm == 0 || _requests < rpm ? 0 : RequestsFitMs(nowMs, rpm),
        tpm == 0 ? 0 : TokensFitMs(nowMs, tpm, exceeded == LimitKind.Tokens ? wanted : 1));

    private int RequestsFitMs(long nowMs, int rpm)
    {
        long left = _requests;
        for (long step = _newest - Steps + 1; step <= _newest; step++)
        {
            left -= step < 0 ? 0 : _steps![step % Steps].Requests;
            if (left < rpm)
            {
                return LeavesInMs(step, nowMs);
            }
        }
        return WindowMs;
    }

    private int TokensFitMs(long nowMs, int tpm, long wanted)
    {
        // What asks for more than the whole limit fits once all else is gone.
        long goal = Math.Max(0, tpm - wanted);
        long left = _tokens + _reserved;
        if (left <= goal)
        {
            return 0;
        }
        for (long step = _newest - Steps + 1; step <= _newest; step++)
        {
            left -= step < 0 ? 0 : _steps![step % Steps].Tokens;
            if (left <= goal)
            {
                return LeavesInMs(step, nowMs);
            }
        }
        // Calls in flight hold the rest; when they end is not known.
        return 1000;
    }

    private static int LeavesInMs(long step, long nowMs) => (int)Math.Max(1, ((step + Steps) * StepMs) - nowMs);

    private struct Step
    {
        public int Requests;
        public long Tokens;
    }
}
