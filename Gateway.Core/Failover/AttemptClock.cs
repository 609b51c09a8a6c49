namespace Gateway.Core.Failover;

/// <summary>
/// The time limits of one attempt as one token: until the first byte of the answer, then for each silence, and over all. It also
/// ends when the client goes.
/// </summary>
internal sealed class AttemptClock : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _client;
    private readonly TimeProvider _time;
    private readonly Timeouts _timeouts;
    private readonly long _started;
    private bool _idle;
    private bool _limited;

    /// <param name="started">Timestamp of the attempt's beginning.</param>
    public AttemptClock(TimeProvider time, Timeouts timeouts, long started, CancellationToken client)
    {
        _time = time;
        _timeouts = timeouts;
        _started = started;
        _client = client.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _source.CancelAfter(Min(timeouts.FirstByte, timeouts.Total));
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Something of the answer's body is there: from now on silences are limited.</summary>
    public void NoteByte() => _idle = !_limited;

    /// <summary>Starts counting a silence. Before the first byte the first limit goes on instead.</summary>
    public void Restart()
    {
        if (_idle)
        {
            _source.CancelAfter(Min(_timeouts.Idle, Left));
        }
    }

    /// <summary>Stops counting, so that a client that reads slowly is not taken for a silent upstream.</summary>
    public void Pause()
    {
        if (_idle)
        {
            _source.CancelAfter(Left);
        }
    }

    /// <summary>Leaves this much time, and counts no more silences.</summary>
    public void Limit(TimeSpan time)
    {
        (_idle, _limited) = (false, true);
        _source.CancelAfter(Min(time, Left));
    }

    /// <summary>Ends the attempt now.</summary>
    public void Cancel() => _source.Cancel();

    public void Dispose()
    {
        _client.Dispose();
        _source.Dispose();
    }

    private TimeSpan Left => _timeouts.Total - _time.GetElapsedTime(_started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
