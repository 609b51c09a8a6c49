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

    /// <summary>Weight of the smooth round-robin; changed under the lock of the list that is balanced.</summary>
    internal int CurrentWeight;

    public void Begin() => Interlocked.Increment(ref _inFlight);

    public void End(string? errorKind, DateTimeOffset at)
    {
        Interlocked.Decrement(ref _inFlight);
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
}
