using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Prices;

public sealed class CostCalculatorTests
{
    private static readonly ModelPrice Price = new()
    {
        Model = "m",
        InputPerMillion = NanoUsd.FromDollars(2m),
        CachedInputPerMillion = NanoUsd.FromDollars(0.5m),
        CacheWritePerMillion = NanoUsd.FromDollars(2.5m),
        OutputPerMillion = NanoUsd.FromDollars(10m),
        Version = "v",
    };

    [Fact]
    public void Cost_EveryPart_IsPricedApart() =>
        // 500 plain at 2, 300 cached at 0.5, 200 written at 2.5, 100 out at 10 dollars a million.
        CostCalculator.Cost(Reported(1_000, 300, 200, 100), Price)!.Value.ToDollars().ShouldBe(0.00265m);

    [Fact]
    public void Cost_NoCachedPrice_IsPricedAsInput() =>
        CostCalculator.Cost(Reported(1_000, 1_000, 0, 0), Price with { CachedInputPerMillion = null })!.Value.ToDollars().ShouldBe(0.002m);

    [Fact]
    public void Cost_CacheWritesKeptForAnHour_CostTwiceTheInput()
    {
        Usage used = Reported(1_000, 0, 1_000, 0) with { LongCacheWriteTokens = 400 };

        // 600 written at 2.5, 400 at 4 dollars a million.
        CostCalculator.Cost(used, Price)!.Value.ToDollars().ShouldBe(0.0031m);
        CostCalculator.Cost(used, Price with { CacheWritePerMillion = null })!.Value.ToDollars().ShouldBe(0.002m);
    }

    [Fact]
    public void Cost_NoPrice_IsUnknown() => CostCalculator.Cost(Reported(1, 0, 0, 1), null).ShouldBeNull();

    [Fact]
    public void Cost_PartWithoutPriceThatWasUsed_IsUnknown()
    {
        ModelPrice embedding = Price with { OutputPerMillion = null };

        CostCalculator.Cost(Reported(1_000, 0, 0, 1), embedding).ShouldBeNull();
        CostCalculator.Cost(Reported(1_000, 0, 0, 0), embedding)!.Value.ToDollars().ShouldBe(0.002m);
    }

    [Fact]
    public void Cost_NothingUsed_IsZeroEvenWithoutAPrice()
    {
        CostCalculator.Cost(default, null).ShouldBe(NanoUsd.Zero);
        CostCalculator.Cost(default, Price).ShouldBe(NanoUsd.Zero);
    }

    [Fact]
    public void Cost_HalfANanoDollar_IsRoundedUp()
    {
        ModelPrice tiny = Price with { InputPerMillion = new NanoUsd(500_000) };

        CostCalculator.Cost(Reported(1, 0, 0, 0), tiny).ShouldBe(new NanoUsd(1));
        CostCalculator.Cost(Reported(1, 0, 0, 0), tiny with { InputPerMillion = new NanoUsd(499_999) }).ShouldBe(new NanoUsd(0));
    }

    [Fact]
    public void Cost_AnyUsage_IsTheExactSumRoundedOnce() =>
        Prop.ForAll(Usages.ToArbitrary(), usage =>
        {
            BigInteger input = Math.Max(usage.InputTokens, 0);
            BigInteger cached = BigInteger.Clamp(usage.CachedInputTokens, 0, input);
            BigInteger written = BigInteger.Clamp(usage.CacheWriteTokens, 0, input - cached);
            BigInteger sum = ((input - cached - written) * 2_000_000_000) + (cached * 500_000_000) + (written * 2_500_000_000)
                + ((BigInteger)Math.Max(usage.OutputTokens, 0) * 10_000_000_000);
            BigInteger expected = BigInteger.Min((sum + 500_000) / 1_000_000, long.MaxValue);

            ((BigInteger)CostCalculator.Cost(usage, Price)!.Value.Value).ShouldBe(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Breakdown_AnyUsage_AddsUpToTheCost() =>
        Prop.ForAll(Usages.Where(u => u.InputTokens < 1_000_000_000 && u.OutputTokens < 1_000_000_000).ToArbitrary(), any =>
        {
            Usage usage = any with { LongCacheWriteTokens = any.CacheWriteTokens / 2 };
            CostBreakdown parts = CostCalculator.Breakdown(usage, Price);
            long sum = parts.Input.Cost!.Value.Value + parts.CachedInput.Cost!.Value.Value + parts.CacheWrite.Cost!.Value.Value
                + parts.LongCacheWrite.Cost!.Value.Value + parts.Output.Cost!.Value.Value;

            Math.Abs(sum - CostCalculator.Cost(usage, Price)!.Value.Value).ShouldBeLessThanOrEqualTo(2);
        }).QuickCheckThrowOnFailure();

    private static Gen<long> Tokens =>
        Gen.OneOf(Gen.Choose(0, 10_000).Select(i => (long)i), Gen.Elements(0L, 1, -5, 999_999, 1_000_001, int.MaxValue, long.MaxValue));

    private static Gen<Usage> Usages =>
        from parts in Gen.ArrayOf(Tokens, 4)
        select Reported(parts[0], parts[1], parts[2], parts[3]);

    private static Usage Reported(long input, long cached, long written, long output) => new(UsageSource.Reported, input, cached, written, output, 0);
}
