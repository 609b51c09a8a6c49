using System.Net;
using Gateway.Core.Failover;

namespace Gateway.Providers.Http;

/// <summary>What every HTTP request to an upstream has in common.</summary>
internal static class UpstreamRequests
{
    public static HttpRequestMessage Post(Uri url, UpstreamCall call)
    {
        HttpRequestMessage request = Create(HttpMethod.Post, url);
        call.Url = url;
        request.Content = new SplicedContent(call);
        request.Headers.TryAddWithoutValidation("X-Request-ID", call.RequestId);
        if (call.IdempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation(IdempotencyKey.Header, call.IdempotencyKey);
        }
        if (call.TraceParent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", call.TraceParent);
            if (call.TraceState is not null)
            {
                request.Headers.TryAddWithoutValidation("tracestate", call.TraceState);
            }
        }
        return request;
    }

    /// <summary>Sends on what the client's own wire gives a meaning upstream.</summary>
    public static void Forward(IReadOnlyList<KeyValuePair<string, string>> headers, HttpRequestMessage request)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            request.Headers.TryAddWithoutValidation(headers[i].Key, headers[i].Value);
        }
    }

    public static HttpRequestMessage Create(HttpMethod method, Uri url) => new(method, url)
    {
        // HTTP/2 where TLS lets both sides agree on it.
        Version = url.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
    };
}
