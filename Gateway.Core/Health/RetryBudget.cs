namespace Gateway.Core.Health;

/// <summary>
/// What calls are paid from that ask a provider again: every first call puts a share of one in, every further one takes one
/// out. So an upstream that is down is not buried under retries. Safe for concurrent use.
/// </summary>
public sealed class RetryBudget
{
    private const int Unit = 1000;

    // Enough for a quiet gateway to retry at all, and no more than a burst that harms nobody.
    private const long Floor = 10 * Unit;
    private const long Most = 100 * Unit;
    private const double FloorFilledMs = 60_000;

    private readonly Lock _gate = new();
    private long _balance = Floor;

    // The floor is an advance: what traffic pays in makes it good before it buys more, so that calls and retries together
    // never come to more than the share, once there are some.
    private long _owed = Floor;
    private long _trickledMs;

    /// <summary>How many further calls could be paid now.</summary>
    public double Left
    {
        get
        {
            lock (_gate)
            {
                return (double)_balance / Unit;
            }
        }
    }

    /// <summary>A first call is made.</summary>
    /// <param name="share">What part of a further call it pays for, 0 to 1.</param>
    public void Deposit(double share)
    {
        // Read without the lock: full is the usual state, and stays it until something is taken.
        if (share <= 0 || Interlocked.Read(ref _balance) >= Most)
        {
            return;
        }
        lock (_gate)
        {
            long paid = (long)(share * Unit);
            long back = Math.Min(_owed, paid);
            _owed -= back;
            _balance = Math.Min(Most, _balance + paid - back);
        }
    }

    /// <summary>Pays for a further call, or says that it is not to be made.</summary>
    public bool TryWithdraw(long nowMs)
    {
        lock (_gate)
        {
            // A gateway with next to no traffic gets its floor back in a minute.
            long trickle = (long)((nowMs - _trickledMs) / FloorFilledMs * Floor);
            _trickledMs = nowMs;
            long given = _balance >= Floor ? 0 : Math.Min(Floor - _balance, Math.Max(0, trickle));
            _balance += given;
            _owed += given;
            if (_balance < Unit)
            {
                return false;
            }
            _balance -= Unit;
            return true;
        }
    }
}
