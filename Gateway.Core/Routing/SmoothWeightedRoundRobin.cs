using Gateway.Core.Catalog;

namespace Gateway.Core.Routing;

/// <summary>
/// Spreads calls by weight without bursts: each pick adds every weight to its backend's running weight, takes the highest,
/// and takes the sum off the winner. Algorithm: nginx, ngx_http_upstream_round_robin.c.
/// </summary>
public static class SmoothWeightedRoundRobin
{
    /// <summary>The next backend of the best priority that is not excluded; null when all are.</summary>
    /// <param name="backends">Ordered by priority. The list itself is the lock: a few additions, never I/O.</param>
    /// <param name="excluded">Ids not to take.</param>
    public static Backend? Pick(Backend[] backends, IReadOnlyCollection<string> excluded)
    {
        if (backends.Length == 1)
        {
            return excluded.Count > 0 && excluded.Contains(backends[0].Id) ? null : backends[0];
        }
        lock (backends)
        {
            Backend? best = null;
            int total = 0;
            foreach (Backend backend in backends)
            {
                if (best is not null && backend.Priority > best.Priority)
                {
                    break;
                }
                if (excluded.Count > 0 && excluded.Contains(backend.Id))
                {
                    continue;
                }
                total += backend.Weight;
                backend.State.CurrentWeight += backend.Weight;
                if (best is null || backend.State.CurrentWeight > best.State.CurrentWeight)
                {
                    best = backend;
                }
            }
            if (best is not null)
            {
                best.State.CurrentWeight -= total;
            }
            return best;
        }
    }
}
