using System.Net.Http.Headers;
using System.Text;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>Exchanges what is between client and gateway for what is between gateway and upstream, in both directions.</summary>
internal sealed class PassThroughTransformer(PassThroughCall call, HttpExchange exchange, string path) : HttpTransformer
{
    // Credentials and what belongs to the client's own account or to the way here. Compressed answers could not be looked at.
    private static readonly string[] NotForwarded =
    [
        "Authorization", "x-api-key", "api-key", "x-goog-api-key", "Cookie", "Proxy-Authorization", "X-Admin-Key", "X-Auth-Token",
        "X-Amz-Security-Token", "Ocp-Apim-Subscription-Key", "X-Provider-Priority", "OpenAI-Organization", "OpenAI-Project",
        "Accept-Encoding", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Origin", "Referer",
        "Sec-WebSocket-Extensions", "X-Request-ID", "traceparent", "tracestate", IdempotencyKey.Header,
    ];

    private const int MostErrorBytes = 1024 * 1024;

    private static readonly string[] NotReturned = ["Set-Cookie", "openai-organization", "Strict-Transport-Security", "Alt-Svc", "x-request-id", "Server", "Via"];

    private Uri? _sent;

    /// <summary>What the client is told instead of the upstream's answer; null when that was passed on.</summary>
    public GatewayError? Refusal { get; private set; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        call.SendTo(_sent = proxyRequest.RequestUri = call.Adapter.ForwardUrl(call.Provider, path, QueryOf(httpContext.Request)));
        proxyRequest.Headers.Host = null;
        foreach (string name in NotForwarded)
        {
            proxyRequest.Headers.Remove(name);
        }
        proxyRequest.Headers.TryAddWithoutValidation("X-Request-ID", exchange.RequestId);
        proxyRequest.Headers.TryAddWithoutValidation("traceparent", call.TraceParent);
        if (call.TraceState is { } state)
        {
            proxyRequest.Headers.TryAddWithoutValidation("tracestate", state);
        }
        if (call.IdempotencyKey is { } idempotencyKey)
        {
            proxyRequest.Headers.TryAddWithoutValidation(IdempotencyKey.Header, idempotencyKey);
        }
        HideKeyInSubprotocols(proxyRequest.Headers);
        await call.Adapter.AuthorizeAsync(proxyRequest, call.Provider, call.Credential, cancellationToken);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
        int status = (int)proxyResponse.StatusCode;
        Refusal = call.Judge(status, proxyResponse.Headers) ?? NotJson(status, proxyResponse) ?? Redirects(status);
        if (Refusal is not null)
        {
            return false;
        }
        await WithoutSecretAsync(status, proxyResponse, cancellationToken);
        if (AnswerLinks.May(path, call.Provider, proxyResponse))
        {
            await AnswerLinks.RewriteAsync(proxyResponse, httpContext.Request, cancellationToken);
        }
        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        IHeaderDictionary headers = httpContext.Response.Headers;
        AnswerLinks.RewriteUpload(headers, httpContext.Request, _sent!, call);
        foreach (string name in NotReturned)
        {
            headers.Remove(name);
        }
        foreach (string name in headers.Keys.Where(k => k.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            headers.Remove(name);
        }
        headers["x-request-id"] = exchange.RequestId;
        RateLimitHeaders.Add(headers, call.Limits);
        UpstreamHeaders.Add(headers, proxyResponse.Headers);
        if (call.GatewayHeaders)
        {
            headers["x-gateway-provider"] = GatewayHeaders.HeaderText(call.Provider.Name);
        }
        return true;
    }

    /// <summary>A page of some proxy's instead of the API's own error says nothing to a client of the API.</summary>
    private GatewayError? NotJson(int status, HttpResponseMessage response)
    {
        bool json = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) ?? response.Content.Headers.ContentLength == 0;
        return status < 400 || json ? null : call.Failure;
    }

    /// <summary>Redirects are not followed, and passed on they would tell where the upstream is.</summary>
    private static GatewayError? Redirects(int status) => status is < 300 or > 399 or StatusCodes.Status304NotModified
        ? null : new GatewayError(GatewayErrorKind.UpstreamInvalidResponse, "The upstream answered with a redirect, which the gateway does not follow.");

    // An error may repeat the key that it was sent; what is no error is passed on as it comes.
    private async Task WithoutSecretAsync(int status, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (call.Credential is not { Secret.Length: > 0 } credential)
        {
            return;
        }
        foreach (string name in response.Headers.NonValidated.Where(h => h.Value.Any(v => v.Contains(credential.Secret, StringComparison.Ordinal))).Select(h => h.Key).ToArray())
        {
            response.Headers.Remove(name);
        }
        if (status < 400)
        {
            return;
        }
        await response.Content.LoadIntoBufferAsync(MostErrorBytes, cancellationToken);
        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (SecretMask.Apply(credential, body) is var masked && masked != body)
        {
            response.Content = new StringContent(masked, Encoding.UTF8, response.Content.Headers.ContentType?.MediaType ?? "application/json");
        }
    }

    private string QueryOf(HttpRequest request)
    {
        if (!request.QueryString.HasValue)
        {
            return "";
        }
        bool named = call.UpstreamModel.Length > 0;
        IEnumerable<KeyValuePair<string, string?>> kept = request.Query.SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value))
            .Where(q => q.Key != "key")
            .Select(q => named && q.Key is "model" or "deployment" ? KeyValuePair.Create(q.Key, (string?)call.UpstreamModel) : q);
        return Microsoft.AspNetCore.Http.QueryString.Create(kept).Value ?? "";
    }

    // Browsers cannot set headers on a WebSocket and send the key as a subprotocol instead.
    private static void HideKeyInSubprotocols(HttpRequestHeaders headers)
    {
        if (headers.TryGetValues("Sec-WebSocket-Protocol", out IEnumerable<string>? values))
        {
            string[] kept = [.. values.SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries)).Where(p => !p.StartsWith(PresentedKeys.Subprotocol, StringComparison.Ordinal))];
            headers.Remove("Sec-WebSocket-Protocol");
            if (kept.Length > 0)
            {
                headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", string.Join(", ", kept));
            }
        }
    }
}
