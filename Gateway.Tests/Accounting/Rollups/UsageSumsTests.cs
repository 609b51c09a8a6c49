using Gateway.Core;
using Gateway.Core.Accounting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Rollups;

public class UsageSumsTests
{
    [Theory]
    [InlineData(GatewayErrorKind.ClientClosed, 250_000L, 0)]
    [InlineData(GatewayErrorKind.ClientClosed, null, 1)]
    [InlineData(GatewayErrorKind.UpstreamTimeout, 250_000L, 1)]
    public void Add_ClientThatLeft_IsAFailureOnlyIfNothingHadCome(GatewayErrorKind kind, long? firstToken, int errors)
    {
        var sums = new UsageSums();
        sums.Add(new UsageRecord { Admitted = true, ErrorKind = kind.ToName(), TimeToFirstTokenUs = firstToken });
        (sums.Requests, sums.Errors, sums.Succeeded).ShouldBe((1, errors, 1 - errors));
    }
}
