using Gateway.Core.Health;

namespace Gateway.Core.Routing;

/// <summary>Runtime facts of a backend; survives catalog changes.</summary>
public sealed class BackendState
{
    private int _inFlight;
    private long _successes;
    private long _failures;

    public int InFlight => Volatile.Read(ref _inFlight);
    public long Successes => Interlocked.Read(ref _successes);
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Name of the last failure's kind and its time; null while there was none.</summary>
    public LastFailure? LastFailure { get; private set; }

    /// <summary>How the last call went; null while there was none.</summary>
    public bool? LastWasSuccess { get; private set; }

    /// <summary>What real traffic has shown.</summary>
    public CircuitBreaker Breaker { get; } = new();

    /// <summary>Until the first content of streams.</summary>
    public LatencyEstimate FirstContent { get; } = new();

    /// <summary>Of answers that are not streamed, whole.</summary>
    public LatencyEstimate Duration { get; } = new();

    /// <summary>Weight of the smooth round-robin; changed under the lock of the list that is balanced.</summary>
    internal int CurrentWeight;

    /// <summary>Takes a place; false when <paramref name="most"/> (0 is any number) are taken.</summary>
    public bool TryBegin(int most)
    {
        if (Interlocked.Increment(ref _inFlight) > most && most > 0)
        {
            Interlocked.Decrement(ref _inFlight);
            return false;
        }
        return true;
    }

    public void Release() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Remembers how a call went.</summary>
    public void Note(string? errorKind, DateTimeOffset at)
    {
        LastWasSuccess = errorKind is null;
        if (errorKind is null)
        {
            Interlocked.Increment(ref _successes);
        }
        else
        {
            Interlocked.Increment(ref _failures);
            LastFailure = new LastFailure(errorKind, at);
        }
    }
}

public sealed record LastFailure(string Kind, DateTimeOffset At);

/// <summary>Runtime facts of a model; survives catalog changes.</summary>
public sealed class ModelState
{
    /// <summary>Corrects token estimates by what upstreams report.</summary>
    public Accounting.EstimateCalibration Calibration { get; } = new();

    /// <summary>Where calls wait of a model that may have only so many at a time.</summary>
    public Load.Gate Gate { get; } = new();

    /// <summary>Where calls wait while all its backends are full.</summary>
    public Load.BackendQueue Queue { get; } = new();
}
