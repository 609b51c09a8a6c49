using System.Globalization;
using Gateway.Core.Catalog;

namespace Gateway.Core.Routing.Policies;

/// <summary>
/// The same conversation goes to the same backend, where its prefix may still be cached: rendezvous hashing by weight, with
/// the bound of Mirrokni, Thorup and Zadimoghaddam ("Consistent Hashing with Bounded Loads"): a backend that has 1.25 times its fair share of the
/// calls in flight passes them to its conversation's next choice.
/// </summary>
internal sealed class PrefixAffinityPolicy : IRoutingPolicy
{
    private const double Bound = 1.25;

    public string Name => "prefix-affinity";

    public Backend Pick(ReadOnlySpan<Backend> candidates, in RoutingContext context)
    {
        ulong key = ConversationKey.Of(context.Envelope);
        Backend? best = null;
        Backend? first = null;
        (double bestScore, double firstScore) = (double.MaxValue, double.MaxValue);
        foreach (Backend backend in candidates)
        {
            double score = Distance(key, backend);
            if (score < firstScore)
            {
                (first, firstScore) = (backend, score);
            }
            if (score < bestScore && HasRoom(candidates, backend))
            {
                (best, bestScore) = (backend, score);
            }
        }
        return best ?? first!;
    }

    public double Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) =>
        Distance(ConversationKey.Of(context.Envelope), backend) + (HasRoom(candidates, backend) ? 0 : 1e6);

    public string Describe(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context)
    {
        double distance = Distance(ConversationKey.Of(context.Envelope), backend);
        string text = $"distance {distance.ToString("0.000", CultureInfo.InvariantCulture)} from the conversation";
        return HasRoom(candidates, backend) ? text : text + ", but over 1.25 times its share of the calls in flight";
    }

    /// <summary>Whether one more call leaves it within the bound.</summary>
    private static bool HasRoom(ReadOnlySpan<Backend> candidates, Backend backend)
    {
        (int inFlight, int weight) = (1, 0);
        foreach (Backend candidate in candidates)
        {
            inFlight += candidate.State.InFlight;
            weight += candidate.Weight;
        }
        return backend.State.InFlight + 1 <= Math.Ceiling(Bound * inFlight * backend.Weight / weight);
    }

    // Weighted rendezvous: the smallest of -ln(u) / weight wins, with a u for each pair of conversation and backend.
    private static double Distance(ulong key, Backend backend)
    {
        ulong mixed = ConversationKey.Mix(key ^ backend.IdHash);
        double u = ((mixed >> 11) + 0.5) / (1UL << 53);
        return -Math.Log(u) / backend.Weight;
    }
}
