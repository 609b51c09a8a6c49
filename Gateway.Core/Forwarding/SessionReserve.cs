using Gateway.Core.Failover;
using Gateway.Core.Limits;

namespace Gateway.Core.Forwarding;

/// <summary>
/// What a session (realtime) holds of limits and budgets while nobody knows yet what its next answer will use. Each answer is
/// settled when the upstream reports it, and the next one holds anew, which the limits may refuse.
/// </summary>
internal static class SessionReserve
{
    /// <summary>As much as is held for a call that does not say how much it may use.</summary>
    public static long Tokens(Call call) => call.Plan.Model?.MaxOutputTokens is { } most ? Math.Min(most, call.Options.AssumedOutputTokens) : call.Options.AssumedOutputTokens;

    /// <summary>The limits that the next answer is under; null when there are none.</summary>
    public static LimitLease? LeaseFor(Call call, Guid id, DateTimeOffset now)
    {
        LimitLease? lease = Admission.LeaseFor(call.Key!, call.Plan.Model, call.Options, id, now);
        if (lease is not null)
        {
            lease.Tokens = call.TokensReserved;
            lease.Money = Reservation.Money(call, lease);
        }
        return lease;
    }
}
