using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>What a call cost, in whole nano-dollars.</summary>
public static class CostCalculator
{
    private const long Million = 1_000_000;

    /// <summary>
    /// Tokens times price, summed exactly and rounded once, to the nearest nano-dollar, halves up. Null is unknown: there is no
    /// price, or it lacks a part that the call used. A call that used nothing costs nothing, whatever the price.
    /// </summary>
    public static NanoUsd? Cost(Usage usage, ModelPrice? price)
    {
        Parts parts = Split(usage);
        if (parts.IsNone)
        {
            return usage.Source == UsageSource.None || (price is not null && usage.Source != UsageSource.Unknown) ? NanoUsd.Zero : null;
        }
        if (price is null)
        {
            return null;
        }
        Int128 sum = 0;
        return Add(ref sum, parts.Input, price.InputPerMillion)
            && Add(ref sum, parts.CachedInput, price.CachedInputPerMillion ?? price.InputPerMillion)
            && Add(ref sum, parts.CacheWrite - parts.LongCacheWrite, price.CacheWritePerMillion ?? price.InputPerMillion)
            && Add(ref sum, parts.LongCacheWrite, LongCacheWrite(price))
            && Add(ref sum, parts.Output, price.OutputPerMillion)
            ? Round(sum)
            : null;
    }

    /// <summary>The same cost part by part, each rounded by itself: the parts may differ from the whole by some nano-dollars.</summary>
    public static CostBreakdown Breakdown(Usage usage, ModelPrice? price)
    {
        Parts parts = Split(usage);
        return new CostBreakdown(
            Part(parts.Input, price?.InputPerMillion),
            Part(parts.CachedInput, price?.CachedInputPerMillion ?? price?.InputPerMillion),
            Part(parts.CacheWrite - parts.LongCacheWrite, price?.CacheWritePerMillion ?? price?.InputPerMillion),
            Part(parts.LongCacheWrite, price is null ? null : LongCacheWrite(price)),
            Part(parts.Output, price?.OutputPerMillion));
    }

    // Anthropic's rule: what is kept for an hour costs twice the input. Who names no price for writes has them at the input's.
    private static NanoUsd? LongCacheWrite(ModelPrice price) =>
        price.CacheWritePerMillion is null || price.InputPerMillion is not { } input ? price.InputPerMillion : new NanoUsd(input.Value * 2);

    private static CostPart Part(long tokens, NanoUsd? perMillion)
    {
        Int128 sum = 0;
        return new CostPart(tokens, perMillion, Add(ref sum, tokens, perMillion) ? Round(sum) : null);
    }

    private static bool Add(ref Int128 sum, long tokens, NanoUsd? perMillion)
    {
        if (tokens == 0)
        {
            return true;
        }
        sum += (Int128)tokens * perMillion.GetValueOrDefault().Value;
        return perMillion is not null;
    }

    private static NanoUsd Round(Int128 millionths) =>
        new((long)Int128.Min((millionths + (Million / 2)) / Million, long.MaxValue));

    // Upstreams have reported more cached tokens than input tokens; nothing may be counted twice or below zero.
    private static Parts Split(Usage usage)
    {
        long input = Math.Max(usage.InputTokens, 0);
        long cached = Math.Clamp(usage.CachedInputTokens, 0, input);
        long written = Math.Clamp(usage.CacheWriteTokens, 0, input - cached);
        return new Parts(input - cached - written, cached, written, Math.Max(usage.OutputTokens, 0), Math.Clamp(usage.LongCacheWriteTokens, 0, written));
    }

    private readonly record struct Parts(long Input, long CachedInput, long CacheWrite, long Output, long LongCacheWrite)
    {
        public bool IsNone => this == default;
    }
}

/// <summary>A call's cost by what was paid for.</summary>
/// <param name="Input">Input that was neither read from nor written to the upstream's cache.</param>
public sealed record CostBreakdown(CostPart Input, CostPart CachedInput, CostPart CacheWrite, CostPart LongCacheWrite, CostPart Output);

/// <summary>One part; price and cost are null where they are unknown.</summary>
public readonly record struct CostPart(long Tokens, NanoUsd? PerMillion, NanoUsd? Cost);
