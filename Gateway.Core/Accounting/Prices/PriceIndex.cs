using System.Collections.Frozen;
using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>One list of prices by name and by pattern, each group in the order in which it is to be asked.</summary>
internal sealed class PriceIndex
{
    private readonly FrozenDictionary<string, ModelPrice[]> _exact;
    private readonly (string Prefix, ModelPrice[] Prices)[] _patterns;

    public PriceIndex(IEnumerable<ModelPrice> prices)
    {
        ILookup<bool, ModelPrice> byForm = prices.ToLookup(p => p.Model.EndsWith('*'));
        _exact = byForm[false].GroupBy(p => p.Model).ToFrozenDictionary(g => g.Key, Ordered, StringComparer.Ordinal);
        _patterns = [.. byForm[true].GroupBy(p => p.Model[..^1]).OrderByDescending(g => g.Key.Length).Select(g => (g.Key, Ordered(g)))];
    }

    /// <summary>Adds what may price <paramref name="model"/> at <paramref name="provider"/>, best first.</summary>
    public void Collect(string model, Provider provider, List<ModelPrice> into)
    {
        if (_exact.TryGetValue(model, out ModelPrice[]? exact))
        {
            into.AddRange(exact.Where(p => IsFor(p, provider)));
        }
        foreach ((string prefix, ModelPrice[] prices) in _patterns)
        {
            if (model.StartsWith(prefix, StringComparison.Ordinal))
            {
                into.AddRange(prices.Where(p => IsFor(p, provider)));
            }
        }
    }

    private static ModelPrice[] Ordered(IEnumerable<ModelPrice> prices) =>
        [.. prices.OrderBy(p => p.Provider is null).ThenByDescending(p => p.EffectiveFrom)];

    private static bool IsFor(ModelPrice price, Provider provider) =>
        price.Provider is not { } wanted
        || wanted.Equals(provider.Name, StringComparison.OrdinalIgnoreCase)
        || wanted.Equals(provider.Kind.ToName(), StringComparison.OrdinalIgnoreCase)
        || wanted.Equals(provider.BaseUrl?.Host, StringComparison.OrdinalIgnoreCase);
}
