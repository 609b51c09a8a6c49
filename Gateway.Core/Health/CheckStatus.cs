namespace Gateway.Core.Health;

/// <summary>What active checks have shown of a provider; survives catalog changes. Written by one checker, read by all.</summary>
public sealed class CheckStatus
{
    private int _row;
    private CheckResult? _last;
    private volatile CheckStanding _standing = CheckStanding.Unknown;

    /// <summary>How it stands, as of one moment.</summary>
    public CheckStanding Standing => _standing;

    /// <summary>True after so many failures in a row as make it unhealthy; no call is sent there until it is healthy again.</summary>
    public bool IsDown => _standing.IsDown;

    /// <summary>Null while none was made.</summary>
    public CheckResult? Last => Volatile.Read(ref _last);

    /// <summary>When it became what it is; null while no check changed anything.</summary>
    public DateTimeOffset? Since => _standing.Since;

    /// <summary>Takes a check's result.</summary>
    /// <param name="healthyThreshold">Successes in a row until it is up again, at least 1.</param>
    /// <param name="unhealthyThreshold">Failures in a row until it is down, at least 1.</param>
    /// <returns>Whether it went up or down by this.</returns>
    public bool Note(CheckResult result, int healthyThreshold, int unhealthyThreshold)
    {
        bool same = Last?.Ok == result.Ok;
        _row = same ? _row + 1 : 1;
        Volatile.Write(ref _last, result);
        bool down = IsDown ? !(result.Ok && _row >= healthyThreshold) : !result.Ok && _row >= unhealthyThreshold;
        if (down == IsDown)
        {
            return false;
        }
        _standing = new CheckStanding(down, result.At);
        return true;
    }

    /// <summary>No checks are made any more: what they showed is not held against it.</summary>
    public void Forget()
    {
        _standing = CheckStanding.Unknown;
        Volatile.Write(ref _last, null);
        _row = 0;
    }
}

/// <summary>What checks have made of a provider.</summary>
/// <param name="Since">When it became so; null while no check changed anything.</param>
public sealed record CheckStanding(bool IsDown, DateTimeOffset? Since)
{
    /// <summary>No check changed anything.</summary>
    public static readonly CheckStanding Unknown = new(false, null);
}

/// <summary>How one check went.</summary>
/// <param name="Message">For people; no secret and no address.</param>
public sealed record CheckResult(bool Ok, DateTimeOffset At, double LatencyMs, string Message);
