using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Accounting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Rollups;

public sealed class LatencyHistogramTests
{
    private static Gen<long> Durations =>
        Gen.OneOf(Gen.Choose(1, 1_000_000).Select(i => (long)i), Gen.Choose(1, 3_600).Select(s => s * 1_000_000L));

    [Fact]
    public void Percentile_OfAnyDurations_IsWithinFivePercentOfTheExactOne() =>
        Prop.ForAll(Gen.NonEmptyListOf(Durations).ToArbitrary(), Gen.Elements(0.5, 0.9, 0.95, 0.99, 1.0).ToArbitrary(), (durations, part) =>
        {
            var histogram = new LatencyHistogram();
            foreach (long duration in durations)
            {
                histogram.Add(duration);
            }
            long exact = durations.Order().ElementAt((int)Math.Ceiling(part * durations.Count) - 1);

            ((double)histogram.Percentile(part)!.Value).ShouldBe(exact, Math.Max(exact * 0.05, 1));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Add_ManyHistograms_IsTheHistogramOfAll() =>
        Prop.ForAll(Gen.ListOf(Gen.ListOf(Durations)).ToArbitrary(), parts =>
        {
            var merged = new LatencyHistogram();
            var whole = new LatencyHistogram();
            foreach (IList<long> part in parts)
            {
                var one = new LatencyHistogram();
                foreach (long duration in part)
                {
                    one.Add(duration);
                    whole.Add(duration);
                }
                merged.Add(LatencyHistogram.FromBytes(one.ToBytes()));
            }
            merged.Count.ShouldBe(whole.Count);
            merged.ToBytes().ShouldBe(whole.ToBytes());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void FromBytes_OfAnyBytes_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => LatencyHistogram.FromBytes(bytes).Count >= 0).QuickCheckThrowOnFailure();

    // Found by the property above: a step that is negative once read, and one that a cast to 32 bits made huge.
    [Theory]
    [InlineData("80808080878080808003" + "00")]
    [InlineData("FFFFFFFFFFFFFFFFFF01" + "01")]
    [InlineData("00" + "FFFFFFFFFFFFFFFF7F" + "00" + "FFFFFFFFFFFFFFFF7F")]
    public void FromBytes_OfNumbersOutOfRange_KeepsWhatCameBefore(string hex)
    {
        LatencyHistogram read = LatencyHistogram.FromBytes(Convert.FromHexString(hex));

        read.Count.ShouldBeGreaterThanOrEqualTo(0);
        read.ToBytes().Length.ShouldBeLessThan(32);
    }

    [Fact]
    public void Percentile_Empty_IsNull() => new LatencyHistogram().Percentile(0.5).ShouldBeNull();

    [Fact]
    public void ToBytes_ThousandCallsAlike_TakesAFewBytes()
    {
        var histogram = new LatencyHistogram();
        for (int i = 0; i < 1_000; i++)
        {
            histogram.Add(900_000 + (i * 100));
        }

        histogram.ToBytes().Length.ShouldBeLessThan(12);
    }
}
