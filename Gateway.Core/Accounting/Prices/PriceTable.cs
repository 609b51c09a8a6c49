using System.Collections.Concurrent;
using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>
/// Finds the price of a call. Immutable; the operators' prices win over the built-in ones, an exact name over a pattern, a
/// price for one provider over one for any, and the newest that is in force over older ones.
/// </summary>
public sealed class PriceTable
{
    // Upstream names can come from clients (default provider), so the cache must not grow with them.
    private const int MaxCached = 4096;

    /// <summary>Calls of the simulated provider cost nothing, which is not the same as an unknown price.</summary>
    public static readonly ModelPrice Simulated = new()
    {
        Model = "*",
        Provider = ProviderKind.Simulated.ToName(),
        InputPerMillion = NanoUsd.Zero,
        OutputPerMillion = NanoUsd.Zero,
        Version = "builtin:simulated",
    };

    private readonly ConcurrentDictionary<Key, ModelPrice[]> _candidates = new();
    private readonly PriceIndex _own;
    private int _cached;

    public PriceTable(IReadOnlyList<ModelPrice> overrides)
    {
        Overrides = overrides;
        _own = new PriceIndex(overrides);
    }

    public IReadOnlyList<ModelPrice> Overrides { get; }

    /// <summary>The prices that come with the product, each with its source.</summary>
    public static IReadOnlyList<ModelPrice> BuiltIn => BuiltInPrices.All;

    /// <summary>
    /// The price in force at <paramref name="at"/>; null is unknown. Where an upstream model is a deployment's name (Azure),
    /// ask again with the name that the answer gives.
    /// </summary>
    public ModelPrice? Find(string upstreamModel, Provider provider, DateTimeOffset at)
    {
        var key = new Key(upstreamModel, provider);
        if (!_candidates.TryGetValue(key, out ModelPrice[]? candidates))
        {
            candidates = Collect(upstreamModel, provider);
            if (Interlocked.Increment(ref _cached) <= MaxCached)
            {
                _candidates.TryAdd(key, candidates);
            }
        }
        foreach (ModelPrice price in candidates)
        {
            if (price.EffectiveFrom <= at)
            {
                return price;
            }
        }
        return null;
    }

    /// <summary>The price that a usage record names; null if it has been replaced since.</summary>
    public ModelPrice? FindVersion(string version) =>
        Overrides.FirstOrDefault(p => p.Version == version)
        ?? (version == Simulated.Version ? Simulated : BuiltIn.FirstOrDefault(p => p.Version == version));

    /// <summary>
    /// Whether the built-in table bills input and never output: what makes vectors. An own price without a price for output may be one
    /// that is not known.
    /// </summary>
    public static bool IsOfInputAlone(string upstreamModel, Provider provider)
    {
        var found = new List<ModelPrice>();
        BuiltInPrices.Index.Collect(upstreamModel, provider, found);
        return found.Count > 0 && found.TrueForAll(p => p.OutputPerMillion is null);
    }

    private ModelPrice[] Collect(string model, Provider provider)
    {
        var found = new List<ModelPrice>();
        _own.Collect(model, provider, found);
        if (provider.Kind == ProviderKind.Simulated)
        {
            found.Add(Simulated);
        }
        else
        {
            BuiltInPrices.Index.Collect(model, provider, found);
        }
        return [.. found];
    }

    private readonly record struct Key(string Model, Provider Provider);
}
