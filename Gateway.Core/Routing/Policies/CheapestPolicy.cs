using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Routing.Policies;

/// <summary>
/// The lowest price, three parts input to one part output; what has no known price comes last. Of equals the one that is
/// least busy.
/// </summary>
internal sealed class CheapestPolicy : IRoutingPolicy
{
    public string Name => "cheapest";

    public Backend Pick(ReadOnlySpan<Backend> candidates, in RoutingContext context)
    {
        Backend best = candidates[0];
        double lowest = Price(best, context);
        foreach (Backend backend in candidates[1..])
        {
            double price = Price(backend, context);
            if (price < lowest || (price == lowest && Load(backend) < Load(best)))
            {
                (best, lowest) = (backend, price);
            }
        }
        return best;
    }

    public double Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) => Price(backend, context);

    public string Describe(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context) =>
        Price(backend, context) is var price && price == double.MaxValue ? "price unknown" : $"{new NanoUsd((long)price)} USD for a million tokens";

    private static double Load(Backend backend) => (double)backend.State.InFlight / backend.Weight;

    private static double Price(Backend backend, in RoutingContext context)
    {
        ModelPrice? price = context.Prices.Find(backend.UpstreamModel, backend.Provider, context.Now);
        return price switch
        {
            { InputPerMillion: { } input, OutputPerMillion: { } output } => ((3.0 * input.Value) + output.Value) / 4,
            { InputPerMillion: { } input } => input.Value,
            _ => double.MaxValue,
        };
    }
}
