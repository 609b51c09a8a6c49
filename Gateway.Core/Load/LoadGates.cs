using Gateway.Core.Catalog;

namespace Gateway.Core.Load;

/// <summary>The gates that a request passes before it is admitted: its model's, then the process's. Safe for concurrent use.</summary>
public sealed class LoadGates(TimeProvider time) : IDisposable
{
    private readonly Gate _all = new();
    private readonly CancellationTokenSource _closed = new();
    private volatile GatewayError? _reason;

    /// <summary>Requests that wait for a place in the process.</summary>
    public int Waiting => _all.Waiting;

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Why; null before.</summary>
    public GatewayError? ClosedFor => _reason;

    /// <summary>A place at every gate, to be given back with <see cref="Leave"/>; or why there is none, and then nothing is to be given back.</summary>
    /// <exception cref="OperationCanceledException">The client left while it waited.</exception>
    internal async ValueTask<(LoadPlace Place, GatewayError? Error)> EnterAsync(
        Model? model, ApiKey key, LoadSettings settings, CancellationToken cancellation)
    {
        Gate? own = model is { MaxConcurrency: > 0 } ? model.State.Gate : null;
        var place = new LoadPlace(own, model?.MaxConcurrency ?? 0, false);
        if (own is not null && !await own.EnterAsync(model!.MaxConcurrency, settings, key.Id, key.Priority, time, _closed.Token, cancellation))
        {
            return (default, Refused(own));
        }
        // Nothing is counted where nothing is limited: one lock for all requests would be what they queue for.
        if (settings.MostRequests <= 0)
        {
            return (place, null);
        }
        bool entered = false;
        try
        {
            entered = await _all.EnterAsync(settings.MostRequests, settings, key.Id, key.Priority, time, _closed.Token, cancellation);
        }
        finally
        {
            if (!entered)
            {
                Leave(place, settings);
            }
        }
        return entered ? (place with { Process = true }, null) : (default, Refused(_all));
    }

    /// <summary>Nobody waits any more: who does is told the reason.</summary>
    public void Close(GatewayError reason)
    {
        _reason = reason;
        _closed.Cancel();
    }

    public void Dispose() => _closed.Dispose();

    internal void Leave(LoadPlace place, LoadSettings settings)
    {
        if (place == default)
        {
            return;
        }
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        if (place.Process)
        {
            _all.Leave(settings.MostRequests, now);
        }
        place.Model?.Leave(place.ModelMost, now);
    }

    private GatewayError Refused(Gate gate) => _reason ?? new(
        GatewayErrorKind.Overloaded, "The gateway has as many requests as it may. Try again in a moment.", RetryAfter: gate.ExpectedWait);
}

/// <summary>What a request holds while it is served.</summary>
/// <param name="Model">The gate of its model; null where it has none.</param>
/// <param name="Process">It holds a place in the process.</param>
internal readonly record struct LoadPlace(Gate? Model, int ModelMost, bool Process);
