using Gateway.Core.Catalog;

namespace Gateway.Core.Routing.Policies;

/// <summary>
/// Spreads calls by weight without bursts: each pick adds every weight to its backend's running weight, takes the highest,
/// and takes the sum off the winner. Algorithm: nginx, ngx_http_upstream_round_robin.c.
/// </summary>
internal sealed class WeightedPolicy : IRoutingPolicy
{
    // One for all: a backend may be in several lists, or in one without those that are passed over. A few additions, never I/O.
    private static readonly Lock Turns = new();

    public string Name => "weighted";

    public Backend Pick(ReadOnlySpan<Backend> candidates, in RoutingContext context)
    {
        if (candidates.Length == 1)
        {
            return candidates[0];
        }
        lock (Turns)
        {
            Backend best = candidates[0];
            int total = 0;
            foreach (Backend backend in candidates)
            {
                total += backend.Weight;
                backend.State.CurrentWeight += backend.Weight;
                if (backend.State.CurrentWeight > best.State.CurrentWeight)
                {
                    best = backend;
                }
            }
            best.State.CurrentWeight -= total;
            return best;
        }
    }

    public double Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) =>
        -(backend.State.CurrentWeight + backend.Weight);

    public string Describe(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context)
    {
        int total = 0;
        foreach (Backend candidate in candidates)
        {
            total += candidate.Weight;
        }
        return $"weight {backend.Weight} of {total}";
    }
}
