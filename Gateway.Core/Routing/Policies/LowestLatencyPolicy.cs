using System.Globalization;
using Gateway.Core.Catalog;

namespace Gateway.Core.Routing.Policies;

/// <summary>
/// The quicker of two taken at random, by the mean wait times the calls in flight, as in Finagle's peak EWMA: the best of all
/// would draw every call at once. Streams are judged by the time to the first content, other answers by the whole.
/// </summary>
internal sealed class LowestLatencyPolicy : IRoutingPolicy
{
    public string Name => "lowest-latency";

    public Backend Pick(ReadOnlySpan<Backend> candidates, in RoutingContext context)
    {
        int a = (int)(context.NextDouble() * candidates.Length);
        int b = (int)(context.NextDouble() * (candidates.Length - 1));
        b = b >= a ? b + 1 : b;
        return Load(candidates[a], context) <= Load(candidates[b], context) ? candidates[a] : candidates[b];
    }

    public double Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) => Load(backend, context);

    public string Describe(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context)
    {
        double mean = Estimate(backend, context).MeanMs;
        string wait = mean > 0 ? $"{mean.ToString("0", CultureInfo.InvariantCulture)} ms on average" : "not measured yet";
        return $"{wait}, {backend.State.InFlight} in flight";
    }

    // One that nobody has measured is tried by one call, not by all.
    private static double Load(Backend backend, in RoutingContext context)
    {
        double wait = Estimate(backend, context).At(context.NowMs);
        int inFlight = backend.State.InFlight;
        return wait == 0 && inFlight > 0 ? double.MaxValue : wait * (inFlight + 1);
    }

    private static LatencyEstimate Estimate(Backend backend, in RoutingContext context) =>
        context.Stream ? backend.State.FirstContent : backend.State.Duration;
}
