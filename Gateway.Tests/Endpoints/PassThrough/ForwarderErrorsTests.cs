using Gateway.Core;
using Gateway.Web.Endpoints.PassThrough;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Tests.Endpoints.PassThrough;

public class ForwarderErrorsTests
{
    // The forwarder itself aborts a request whose answer broke off: that is no sign of a client that left.
    [Theory]
    [InlineData(ForwarderError.ResponseBodyCanceled, true, GatewayErrorKind.UpstreamTimeout)]
    [InlineData(ForwarderError.ResponseBodyDestination, false, GatewayErrorKind.UpstreamStreamBroken)]
    [InlineData(ForwarderError.UpgradeResponseDestination, false, GatewayErrorKind.UpstreamStreamBroken)]
    [InlineData(ForwarderError.ResponseBodyCanceled, false, GatewayErrorKind.ClientClosed)]
    [InlineData(ForwarderError.ResponseBodyClient, false, GatewayErrorKind.ClientClosed)]
    public void Of_AnAbortedRequest_NamesWhoeverEndedIt(ForwarderError failure, bool tookTooLong, GatewayErrorKind kind)
    {
        var context = new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) };

        ForwarderErrors.Of(failure, context, tookTooLong).Kind.ShouldBe(kind);
    }
}
