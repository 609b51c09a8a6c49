using System.Net;
using System.Net.Http.Headers;
using Gateway.Core.Failover;

namespace Gateway.Providers.Http;

/// <summary>Sends a spliced body straight from its slices.</summary>
internal sealed class SplicedContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public SplicedContent(UpstreamCall call)
    {
        Call = call;
        if (call.ContentType is not { } contentType)
        {
            Headers.ContentType = Json;
        }
        else
        {
            Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
    }

    public UpstreamCall Call { get; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await Call.Body.WriteToAsync(stream, cancellationToken);
        Call.IsWritten = true;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = Call.Body.Length;
        return true;
    }
}
