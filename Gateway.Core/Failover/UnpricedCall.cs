using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Core.Failover;

/// <summary>A call under a hard budget at an unknown price: the budget cannot count it, and so never stops it.</summary>
internal static class UnpricedCall
{
    /// <summary>Refuses the call where operators want that; null lets it through.</summary>
    public static GatewayError? Refusal(Call call, LimitLease? lease)
    {
        if (!call.Options.RefuseUnpriced || call.Envelope.Operation.CountsTokens())
        {
            return null;
        }
        foreach (RouteStep step in call.Plan.Steps)
        {
            foreach (Backend backend in step.Backends)
            {
                if (HardBudget(lease, backend) is { } budget
                    && call.Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, call.Record.StartedAt) is null)
                {
                    return new GatewayError(
                        GatewayErrorKind.NotServable,
                        $"The budget \"{budget.Name}\" admits only calls whose cost can be counted, and the price of {backend.UpstreamModel} at {backend.Provider.Name} is not known. Ask your platform team to set it.",
                        "model",
                        "price_unknown");
                }
            }
        }
        return null;
    }

    /// <summary>A hard budget that a call to this backend is under; null where there is none.</summary>
    public static Budget? HardBudget(LimitLease? lease, Backend backend)
    {
        foreach (LimitScope scope in lease?.Scopes ?? [])
        {
            if (HardBudget(scope) is { } budget)
            {
                return budget;
            }
        }
        return backend.Provider.Limits is { } limits ? HardBudget(limits) : null;
    }

    private static Budget? HardBudget(LimitScope scope)
    {
        foreach (Budget budget in scope.Budgets)
        {
            if (budget.Hard)
            {
                return budget;
            }
        }
        return null;
    }
}
