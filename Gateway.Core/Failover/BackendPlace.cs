using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Limits;

namespace Gateway.Core.Failover;

/// <summary>What a call must have before it goes to a backend: room under the provider's limits, the circuit's leave, and a credential.</summary>
/// <param name="TakenAt">Timestamp. The attempt begins with it, and does not read the clock again.</param>
internal readonly record struct BackendPlace(Admission OfProvider, BackendPermit Permit, CredentialLease Lease, long TakenAt)
{
    /// <summary>All of it, or nothing and the reason.</summary>
    /// <param name="keeper">The id of the credential whose account keeps what is asked for; null takes any.</param>
    public static async ValueTask<(BackendPlace Place, GatewayError? Error)> TakeAsync(ILimitStore limits, Call call, Backend backend, string? keeper)
    {
        Admission ofProvider = await ProviderLimits.RequestAsync(limits, call, backend);
        if (!ofProvider.Decision.Admitted)
        {
            return (default, ProviderLimits.Refusal(ofProvider.Decision, call.TokensReserved));
        }
        long now = call.Time.GetTimestamp();
        long nowMs = call.MillisecondsAt(now);
        if (!BackendPermit.TryTake(backend, nowMs, out BackendPermit permit))
        {
            ofProvider.Settle(0, NanoUsd.Zero);
            return (default, FailoverErrors.NoBackend([backend], nowMs));
        }
        CredentialLease lease;
        GatewayError? exhausted = keeper is null
            ? CredentialPool.TryTake(backend, nowMs, call.TokensReserved, out lease)
            : CredentialPool.TryTakeKeeper(backend, keeper, nowMs, call.TokensReserved, out lease);
        if (exhausted is not null)
        {
            ofProvider.Settle(0, NanoUsd.Zero);
            permit.Return(CallOutcome.Unknown, nowMs, call.Options.Breaker);
            return (default, exhausted);
        }
        return (new BackendPlace(ofProvider, permit, lease, now), null);
    }
}
