using Gateway.Core;
using Gateway.Core.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>What the forwarder's failures are to a client.</summary>
internal static class ForwarderErrors
{
    private static readonly GatewayError Broken = new(GatewayErrorKind.UpstreamStreamBroken, "The upstream's answer broke off before it was finished.");

    /// <param name="tookTooLong">The total timeout ended it.</param>
    public static GatewayError Of(ForwarderError failure, HttpContext context, bool tookTooLong) => failure switch
    {
        // First what is certain: the forwarder itself aborts a request whose answer broke off, and then nobody can tell who began.
        _ when tookTooLong => new GatewayError(GatewayErrorKind.UpstreamTimeout, "The upstream did not finish its answer in time."),
        ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeResponseDestination => Broken,
        _ when context.RequestAborted.IsCancellationRequested => new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request."),
        ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout => new GatewayError(GatewayErrorKind.UpstreamTimeout, "The upstream did not answer in time."),
        ForwarderError.RequestBodyClient when context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge => new GatewayError(
            GatewayErrorKind.RequestTooLarge, "The request body is larger than this gateway accepts (Gateway:Limits:MaxUploadBytes)."),
        ForwarderError.RequestBodyClient => new GatewayError(GatewayErrorKind.InvalidRequest, "The request body could not be read."),
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled => new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request."),
        ForwarderError.ResponseBodyCanceled => Broken,
        ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient
            => new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request."),
        _ => PassThroughCall.ErrorOf(context.Features.Get<IForwarderErrorFeature>()?.Exception),
    };
}
