using Gateway.Core.Catalog;
using Gateway.Core.Health;

namespace Gateway.Core.Failover;

/// <summary>A place at a backend and at its provider, and the leave of its circuit, while one call uses them. Given back once.</summary>
internal readonly struct BackendPermit
{
    private readonly BreakerTicket _ticket;

    private BackendPermit(Backend backend, BreakerTicket ticket)
    {
        Backend = backend;
        _ticket = ticket;
    }

    public Backend Backend { get; }

    /// <summary>False when the backend is full, or its circuit open: another call may have been quicker.</summary>
    public static bool TryTake(Backend backend, long nowMs, out BackendPermit permit)
    {
        permit = default;
        if (!backend.Provider.State.TryBegin(backend.Provider.MaxConcurrency))
        {
            return false;
        }
        if (backend.State.TryBegin(backend.MaxConcurrency))
        {
            if (backend.State.Breaker.TryEnter(nowMs, out BreakerTicket ticket))
            {
                permit = new BackendPermit(backend, ticket);
                return true;
            }
            backend.State.Release();
        }
        backend.Provider.State.Release();
        return false;
    }

    /// <summary>The backend answers: a circuit that waits for the outcome of this call does not wait for the end of a long answer.</summary>
    public void ReportAlive(long nowMs, BreakerSettings settings)
    {
        if (_ticket.IsProbe)
        {
            Backend.State.Breaker.Report(_ticket, CallOutcome.Alive, nowMs, settings);
        }
    }

    public void Return(CallOutcome outcome, long nowMs, BreakerSettings settings)
    {
        Backend.State.Breaker.Report(_ticket, outcome, nowMs, settings);
        Backend.State.Release();
        Backend.Provider.State.Release();
    }
}
