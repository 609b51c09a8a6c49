using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Core.Failover;

/// <summary>
/// Limits and budgets of a provider: asked for each attempt, since only then is it known which provider is called. A refusal
/// sends the call on to the next backend, as an upstream's own refusal would.
/// </summary>
internal static class ProviderLimits
{
    /// <summary>A place among the provider's calls; admitted at once where the provider limits nothing.</summary>
    public static ValueTask<Admission> RequestAsync(ILimitStore limits, Call call, Backend backend)
    {
        if (backend.Provider.Limits is not { } scope)
        {
            return default;
        }
        return Admission.RequestAsync(limits, new LimitLease
        {
            // Each attempt has one of its own.
            Id = CallId.New(call.Time.GetUtcNow()),
            Scopes = [scope],
            Tokens = call.TokensReserved,
            Money = scope.Budgets.Length > 0 ? Reservation.Money(call, backend) : NanoUsd.Zero,
            StartedAt = call.Record.StartedAt,
            Deadline = call.Time.GetUtcNow() + call.Options.TotalTimeout,
        }, call.Exchange.Aborted);
    }

    public static GatewayError Refusal(in LimitDecision decision, long tokens)
    {
        GatewayError error = LimitErrors.Of(decision, tokens);
        return error with
        {
            Kind = decision.Exceeded switch
            {
                LimitKind.Budget => GatewayErrorKind.UpstreamQuotaExhausted,
                LimitKind.Unavailable => error.Kind,
                _ => GatewayErrorKind.UpstreamRateLimited,
            },
        };
    }

    /// <summary>Counts what the attempt used, at what it costs at its own backend.</summary>
    /// <param name="delivered">The client has got something of it.</param>
    /// <param name="sunk">What it cost without an answer.</param>
    public static void Settle(ref Admission admission, Call call, long usedTokens, bool delivered, NanoUsd? sunk)
    {
        if (admission.Lease is not { } lease)
        {
            return;
        }
        // What broke off after it began has cost something that is not known before the call is settled.
        NanoUsd cost = call.Settled ? call.AnswerCost
            : sunk ?? (call.Reported.Source != UsageSource.None && call.Backend is { } backend
                ? CostCalculator.Cost(call.UsageSoFar, call.Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, call.Record.StartedAt)) ?? NanoUsd.Zero
            : delivered ? lease.Money : NanoUsd.Zero);
        admission.Settle(usedTokens, cost);
    }
}
