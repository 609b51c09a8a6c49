using Gateway.Core.Catalog;
using Gateway.Core.Routing;

namespace Gateway.Core.Failover;

/// <summary>What clients are told when nothing was, or could be, asked.</summary>
internal static class FailoverErrors
{
    // A backend that is drained or checked comes back when somebody or the next check says so.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>All of them have as many calls in flight as they may.</summary>
    public static readonly GatewayError Full = new(
        GatewayErrorKind.Overloaded, "All backends of this model have as many calls in flight as they may. Try again in a moment.", RetryAfter: Shortest);

    public static readonly GatewayError Cancelled = new(GatewayErrorKind.Cancelled, "An operator of the gateway ended this request.");

    public static readonly GatewayError ClientClosed = new(GatewayErrorKind.ClientClosed, "The client closed the request.");

    /// <summary>None of these may be called now: they are dead, drained or full. Says when it is worth asking again.</summary>
    public static GatewayError NoBackend(Backend[] backends, long nowMs)
    {
        TimeSpan wait = BackendPicker.Wait(backends, nowMs, Soon) is { } known && known > Shortest ? known : Shortest;
        return Array.Exists(backends, b => !b.IsDraining && BackendPicker.IsFull(b))
            ? Full with { RetryAfter = wait }
            : new GatewayError(GatewayErrorKind.NoBackend, "No backend of this model can be called at the moment: all of them fail or are being drained. Try again later.", RetryAfter: wait);
    }

    /// <summary>
    /// What an upstream said tells more than that another was not asked, and that one cannot be asked now more than that another
    /// could never serve the request; of two that cannot be asked now, the one that is back sooner.
    /// </summary>
    public static GatewayError MoreTelling(GatewayError? before, GatewayError error)
    {
        if (before is null || Weight(before) < Weight(error))
        {
            return error;
        }
        return Weight(before) > Weight(error) || (error.Kind == GatewayErrorKind.NoBackend && before.RetryAfter < error.RetryAfter) ? before : error;
    }

    private static int Weight(GatewayError error) => error.Kind switch
    {
        GatewayErrorKind.NotServable => 0,
        GatewayErrorKind.NoBackend => 1,
        GatewayErrorKind.Overloaded => 2,
        _ => 3,
    };
}
