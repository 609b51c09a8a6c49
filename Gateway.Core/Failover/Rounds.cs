using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Routing;

namespace Gateway.Core.Failover;

/// <summary>
/// Decides whether a step's backends are asked once more, and when: after a backoff, paid from the provider's retry budget; or,
/// where a model may be waited for that is being loaded, as often as that takes. Used by one request.
/// </summary>
internal sealed class Rounds
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(5);

    private readonly Call _call;
    private readonly RouteStep _step;
    private readonly Random _random;
    private readonly int _retries;
    private readonly TimeSpan _backoff;
    private readonly TimeSpan _warmup;
    private readonly long _startedMs;
    private int _round;
    private int _polls;
    private bool _polling;

    public Rounds(Call call, RouteStep step, bool last, Random random)
    {
        (_call, _step, _random) = (call, step, random);
        // Where another step follows, moving on beats waiting, unless the step itself asks for it.
        _retries = step.Retries ?? (last ? call.Options.MaxRetries : 0);
        _backoff = step.Backoff ?? call.Options.RetryBackoff;
        _warmup = step.WarmupWait ?? (last ? LongestWarmup(step) : TimeSpan.Zero);
        _startedMs = MayWarmUp ? call.NowMs : 0;
    }

    public bool IsFirst => _round == 0 && _polls == 0;

    /// <summary>A 503 is to be taken for that of a model which is being loaded.</summary>
    public bool MayWarmUp => _warmup > TimeSpan.Zero;

    /// <summary>Pays for asking a backend that was asked before; false where nothing is left to pay with.</summary>
    public bool Pay(Backend backend)
    {
        RetryBudget budget = backend.Provider.State.Retries;
        if (!IsFirst)
        {
            return _polling || budget.TryWithdraw(_call.NowMs);
        }
        budget.Deposit(_call.Options.RetryBudget);
        return true;
    }

    /// <summary>How long to wait before the next round; null when there is to be none.</summary>
    /// <param name="mayRetry">The failure is one that may go away by itself.</param>
    public TimeSpan? Next(GatewayError error, bool mayRetry)
    {
        _polling = false;
        TimeSpan left = _warmup - TimeSpan.FromMilliseconds(_call.NowMs - _startedMs);
        if (_call.IsWarming && left > TimeSpan.Zero)
        {
            _polling = true;
            TimeSpan poll = FirstPoll * Math.Pow(2, Math.Min(_polls++, 10));
            poll = poll < LongestPoll ? poll : LongestPoll;
            return poll < left ? poll : left;
        }
        if (_round >= _retries || !mayRetry)
        {
            return null;
        }
        TimeSpan wait = Jittered(_round++);
        TimeSpan most = _call.Options.MaxRetryWait;
        if (error.RetryAfter is { } asked)
        {
            if (asked > most)
            {
                return null;
            }
            wait = wait > asked ? wait : asked;
        }
        wait = wait < most ? wait : most;
        return IsWorthWaiting(wait) ? wait : null;
    }

    // Nobody waits for a round in which nothing could be asked.
    private bool IsWorthWaiting(TimeSpan wait)
    {
        foreach (Backend backend in _step.Backends)
        {
            if (!backend.IsDraining && !BackendPicker.Contains(_call.Silent, backend) && !backend.Provider.State.Check.IsDown && backend.Provider.State.Retries.Left >= 1
                && backend.State.Breaker.WaitMs(_call.NowMs) <= wait.TotalMilliseconds)
            {
                return true;
            }
        }
        return false;
    }

    private static TimeSpan LongestWarmup(RouteStep step)
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach (Backend backend in step.Backends)
        {
            longest = backend.Provider.WarmupWait > longest ? backend.Provider.WarmupWait : longest;
        }
        return longest;
    }

    // Full jitter: AWS Architecture Blog, "Exponential Backoff And Jitter".
    private TimeSpan Jittered(int round)
    {
        double share;
        lock (_random)
        {
            share = _random.NextDouble();
        }
        return _backoff * (Math.Pow(2, round) * share);
    }
}
