using System.Net;
using System.Net.Http.Headers;
using Gateway.Core.Failover;

namespace Gateway.Providers.Http;

/// <summary>Sends a spliced body straight from its slices.</summary>
internal sealed class SplicedContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly UpstreamCall _call;

    public SplicedContent(UpstreamCall call)
    {
        _call = call;
        if (call.ContentType is not { } contentType)
        {
            Headers.ContentType = Json;
        }
        else
        {
            Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await _call.Body.WriteToAsync(stream, cancellationToken);
        _call.IsWritten = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _call.Body.Length;
        return true;
    }
}
