using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A price in dollars for each million tokens; null parts are unknown, or not there: embeddings have no output.</summary>
public sealed record PriceView
{
    public required string Id { get; init; }

    /// <summary>The upstream's model name, or a pattern that ends in <c>*</c>.</summary>
    public required string Model { get; init; }

    /// <summary>A provider's name or kind; null is any.</summary>
    public string? Provider { get; init; }
    public DateTimeOffset EffectiveFrom { get; init; }
    public NanoUsd? InputPerMillion { get; init; }
    public NanoUsd? CachedInputPerMillion { get; init; }
    public NanoUsd? CacheWritePerMillion { get; init; }
    public NanoUsd? OutputPerMillion { get; init; }
    public string? SourceUrl { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>What to set of a price, new or not. <see cref="Model"/> is needed for a new one.</summary>
internal sealed record PriceChange
{
    public Optional<string?> Model { get; init; }
    public Optional<string?> Provider { get; init; }

    /// <summary>Now, when left out of a new one.</summary>
    public Optional<DateTimeOffset?> EffectiveFrom { get; init; }
    public Optional<NanoUsd?> InputPerMillion { get; init; }
    public Optional<NanoUsd?> CachedInputPerMillion { get; init; }
    public Optional<NanoUsd?> CacheWritePerMillion { get; init; }
    public Optional<NanoUsd?> OutputPerMillion { get; init; }
    public Optional<string?> SourceUrl { get; init; }
}

/// <summary>A price of the whole table.</summary>
/// <param name="BuiltIn">It comes with the product; an operator's price for the same model goes before it.</param>
/// <param name="State">A name of <see cref="PriceStates"/>.</param>
public sealed record PriceEntryView(PriceView Price, bool BuiltIn, string State);

/// <summary>Names of how a price stands.</summary>
public static class PriceStates
{
    public const string InForce = "in_force";

    /// <summary>Its day has not come.</summary>
    public const string Later = "later";

    /// <summary>Another goes before it; calls of its time may still be priced by it.</summary>
    public const string Replaced = "replaced";
}

/// <summary>A model that calls were made to without a known price.</summary>
/// <param name="Model">The upstream's name of it.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="Calls">Calls without a known cost.</param>
/// <param name="Tokens">In and out, of all calls to it.</param>
public sealed record UnpricedModelView(string Model, string Provider, long Calls, long Tokens);
