using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>A price that an operator set, in dollars for each million tokens; null parts are unknown.</summary>
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
