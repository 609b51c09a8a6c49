using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>Finds the price of a call. Immutable; the operators' prices win over the built-in ones.</summary>
public sealed class PriceTable(IReadOnlyList<ModelPrice> overrides)
{
    public IReadOnlyList<ModelPrice> Overrides { get; } = overrides;

    /// <summary>The price in force at <paramref name="at"/>; null is unknown.</summary>
    public ModelPrice? Find(string upstreamModel, Provider provider, DateTimeOffset at) => Overrides.FirstOrDefault(p => p.Model == upstreamModel);
}
