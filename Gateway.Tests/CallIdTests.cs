using Gateway.Core;
using Shouldly;
using Xunit;

namespace Gateway.Tests;

public sealed class CallIdTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_795_942_311_123);

    [Fact]
    public void New_IsAVersion7OfItsMillisecond()
    {
        for (int i = 0; i < 1_000; i++)
        {
            Guid id = CallId.New(Now);

            id.Version.ShouldBe(7);
            id.Variant.ShouldBeInRange(8, 11);
            id.ToString("N")[..12].ShouldBe(Now.ToUnixTimeMilliseconds().ToString("x12", null));
        }
    }

    [Fact]
    public void New_ManyInOneMillisecond_AreAllDifferent() =>
        Enumerable.Range(0, 100_000).AsParallel().Select(_ => CallId.New(Now)).Distinct().Count().ShouldBe(100_000);
}
