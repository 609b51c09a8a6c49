using System.Net;
using System.Net.Http.Headers;
using Gateway.Core.Relay;

namespace Gateway.Providers.Http;

/// <summary>Sends a spliced body straight from its slices.</summary>
internal sealed class SplicedContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SplicedBody _body;

    /// <param name="contentType">Goes out as it stands; null is JSON.</param>
    public SplicedContent(in SplicedBody body, string? contentType = null)
    {
        _body = body;
        if (contentType is null)
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

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _body.WriteToAsync(stream, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
