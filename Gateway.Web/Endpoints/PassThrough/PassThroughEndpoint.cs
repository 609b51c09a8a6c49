using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Forwarding;
using Gateway.Core.Limits;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>
/// Hands requests on that have no meaning to the gateway (files, batches, fine-tuning, vector stores, realtime, whatever a
/// provider has of its own): authenticated, limited, routed and accounted like all others, but otherwise as they are.
/// </summary>
internal sealed class PassThroughEndpoint(PassThroughPipeline pipeline, IHttpForwarder forwarder, TimeProvider time, Func<GatewayOptions> options)
{
    /// <param name="rest">The path below the API's prefix.</param>
    /// <param name="provider">Whose; null lets the gateway choose.</param>
    /// <param name="vendor">Whose API the prefix is; OpenAI's may be Anthropic's.</param>
    public async Task InvokeAsync(HttpContext context, PathString rest, string? provider, ProviderKind vendor)
    {
        HttpRequest request = context.Request;
        string path = rest.ToUriComponent().TrimStart('/');
        vendor = vendor == ProviderKind.OpenAI && IsAnthropics(path, request) ? ProviderKind.Anthropic : vendor;
        using var exchange = new HttpExchange(context)
        {
            Operation = Operation.PassThrough,
            Method = request.Method,
            Path = request.Path.Value is { Length: <= 200 } shown ? shown : request.Path.Value![..200],
            RequestId = RequestHeaders.RequestIdOf(request, time.GetUtcNow()),
            Trace = RequestHeaders.TraceOf(request),
            Errors = vendor switch { ProviderKind.Anthropic => ErrorWire.Anthropic, ProviderKind.Gemini => ErrorWire.Gemini, _ => null },
        };
        if (request.ContentLength > options().MaxUploadBytes)
        {
            await exchange.WriteErrorAsync(new GatewayError(GatewayErrorKind.RequestTooLarge, "The request body is larger than this gateway accepts (Gateway:Limits:MaxUploadBytes)."), default);
            return;
        }
        (PassThroughCall? call, GatewayError? error, LimitDecision limits) = await pipeline.BeginAsync(exchange, async () =>
        {
            (IReadOnlyList<string> ids, GatewayError? unread) = await ResourceIds.InAsync(request);
            return (unread is null ? new PassThroughQuery(path, provider, ModelOf(path, request)) { Asked = $"{request.Method} {request.Path}", Resources = ids, Vendor = vendor } : null, unread);
        });
        if (call is null)
        {
            await exchange.WriteErrorAsync(error!, limits);
            return;
        }
        try
        {
            await ForwardAsync(context, exchange, call, path);
        }
        finally
        {
            // Whatever became of it, also where the client was gone when the last bytes were written: places come back, and it is in the books.
            if (!call.HasEnded)
            {
                await call.EndAsync(context.Response.StatusCode, context.RequestAborted.IsCancellationRequested
                    ? new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request.")
                    : new GatewayError(GatewayErrorKind.Internal, "The gateway failed to pass this request on."));
            }
            pipeline.Finish(call, context.RequestAborted.IsCancellationRequested);
        }
    }

    private async Task ForwardAsync(HttpContext context, HttpExchange exchange, PassThroughCall call, string path)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options().MaxUploadBytes;
        }
        using var total = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        TappedUpgrade? session = null;
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            // A session lasts as long as both sides want it to.
            context.Features.Set<IHttpUpgradeFeature>(session = new TappedUpgrade(upgrade, call.SettleAnswerAsync));
        }
        else
        {
            total.CancelAfter(call.Timeouts.Total);
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(total.Token, call.Ended, context.RequestAborted);
        Stream client = context.Response.Body;
        using var tap = new AnswerTap(client, call, context.Response);
        context.Response.Body = tap;
        var transformer = new PassThroughTransformer(call, exchange, path);
        call.Record.RequestBytes = context.Request.ContentLength ?? 0;
        var config = new ForwarderRequestConfig
        {
            ActivityTimeout = call.Timeouts.Idle,
            Version = call.Provider.BaseUrl!.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        ForwarderError failure = await forwarder.SendAsync(context, call.Provider.BaseUrl!.AbsoluteUri, call.Connections, config, transformer, ended.Token);
        context.Response.Body = client;
        if (transformer.Refusal is { } refusal)
        {
            await call.EndAsync(refusal.StatusCode, refusal);
            await exchange.WriteErrorAsync(refusal, call.Limits);
        }
        else if (failure != ForwarderError.None && !context.Response.HasStarted)
        {
            GatewayError told = call.Cancelled ?? ForwarderErrors.Of(failure, context, total.IsCancellationRequested);
            await call.EndAsync(told.StatusCode, told);
            if (!context.RequestAborted.IsCancellationRequested)
            {
                context.Response.Clear();
                await exchange.WriteErrorAsync(told, call.Limits);
            }
        }
        else
        {
            tap.FindResources();
            if (call.Cancelled is { } reason && session is not null && !context.RequestAborted.IsCancellationRequested)
            {
                await session.EndAsync(reason, context.RequestAborted);
            }
            if (failure == ForwarderError.None)
            {
                await tap.CompleteAsync(context.RequestAborted);
            }
            await call.EndAsync(context.Response.StatusCode, failure == ForwarderError.None ? null : ForwarderErrors.Of(failure, context, total.IsCancellationRequested));
        }
    }

    // By its path, or by the header that Anthropic's SDKs send with everything, and nobody else does.
    private static bool IsAnthropics(string path, HttpRequest request) =>
        path.StartsWith("messages/", StringComparison.Ordinal) || request.Headers.ContainsKey("anthropic-version");

    // Realtime says in the query what everything else says in the body; Azure calls it the deployment.
    private static string? ModelOf(string path, HttpRequest request) => !KnownCalls.IsRealtime(path) ? null
        : request.Query["model"] is [{ Length: > 0 } model] ? model
        : request.Query["deployment"] is [{ Length: > 0 } deployment] ? deployment : null;
}
