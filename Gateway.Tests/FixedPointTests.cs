using System.Globalization;
using Gateway.Core;
using Shouldly;
using Xunit;

namespace Gateway.Tests;

public sealed class FixedPointTests
{
    [Theory]
    [InlineData(0, 3, "0")]
    [InlineData(1, 3, "0.001")]
    [InlineData(-1, 3, "-0.001")]
    [InlineData(1230, 3, "1.23")]
    [InlineData(120_000, 3, "120")]
    [InlineData(50, 3, "0.05")]
    [InlineData(1_230_000, 9, "0.00123")]
    [InlineData(long.MaxValue, 9, "9223372036.854775807")]
    [InlineData(long.MinValue, 9, "-9223372036.854775808")]
    [InlineData(long.MinValue, 18, "-9.223372036854775808")]
    public void Number_InASmallUnit_IsWrittenInTheLargeOne(long value, int decimals, string expected) =>
        FixedPoint.Format(value, decimals).ShouldBe(expected);

    [Fact]
    public void AnyNumber_IsWrittenAsAFormatStringWouldWriteIt()
    {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++)
        {
            long value = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);

            FixedPoint.Format(value, 9).ShouldBe((value / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture));
        }
    }
}
