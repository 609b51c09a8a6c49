using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>What a model costs from a day on, in nano-USD for each million tokens. Null is unknown, which is not free.</summary>
public sealed record ModelPrice
{
    /// <summary>The upstream's model name, or a pattern that ends in <c>*</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Restricts the price to some providers: by name, kind, or host of the base URL; null is any.</summary>
    public string? Provider { get; init; }

    /// <summary>First instant at which the price holds; the newest one not in the future wins.</summary>
    public DateTimeOffset EffectiveFrom { get; init; }
    public NanoUsd? InputPerMillion { get; init; }

    /// <summary>Cached input; null is priced as input.</summary>
    public NanoUsd? CachedInputPerMillion { get; init; }

    /// <summary>Input written to the upstream's cache; null is priced as input.</summary>
    public NanoUsd? CacheWritePerMillion { get; init; }
    public NanoUsd? OutputPerMillion { get; init; }

    /// <summary>Page or document the figures were read from.</summary>
    public string? SourceUrl { get; init; }

    /// <summary>Day on which they were read.</summary>
    public DateOnly? ReadOn { get; init; }

    /// <summary>Names this price in usage records, for example <c>builtin:gpt-4o-mini@2024-07-18</c>.</summary>
    public required string Version { get; init; }
}
