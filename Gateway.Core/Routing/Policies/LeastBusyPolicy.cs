using Gateway.Core.Catalog;

namespace Gateway.Core.Routing.Policies;

/// <summary>The fewest calls in flight for its weight; of equals, each in its turn.</summary>
internal sealed class LeastBusyPolicy : IRoutingPolicy
{
    private uint _turn;

    public string Name => "least-busy";

    public Backend Pick(ReadOnlySpan<Backend> candidates, in RoutingContext context)
    {
        uint first = Interlocked.Increment(ref _turn);
        Backend best = candidates[(int)(first % (uint)candidates.Length)];
        for (uint i = 1; i < candidates.Length; i++)
        {
            Backend backend = candidates[(int)((first + i) % (uint)candidates.Length)];
            if (Load(backend) < Load(best))
            {
                best = backend;
            }
        }
        return best;
    }

    public double Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) => Load(backend);

    public string Describe(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) =>
        $"{backend.State.InFlight} in flight at weight {backend.Weight}";

    private static double Load(Backend backend) => (double)backend.State.InFlight / backend.Weight;
}
