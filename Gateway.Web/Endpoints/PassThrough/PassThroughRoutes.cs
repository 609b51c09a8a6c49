using Gateway.Core;
using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>Routes of what is handed on as it is.</summary>
internal static class PassThroughRoutes
{
    public static void MapPassThrough(this IEndpointRouteBuilder app)
    {
        app.MapBelow("/v1");
        app.Map("/providers/{provider}/{**path}", context =>
        {
            string name = (string)context.GetRouteValue("provider")!;
            int prefix = context.Request.Path.Value!.IndexOf('/', "/providers/".Length);
            return ForwardAsync(context, prefix < 0 ? "/" : context.Request.Path.Value[prefix..], name);
        }).OnDataPlane();
    }

    /// <summary>Whatever else is asked for below a prefix.</summary>
    /// <param name="cut">What of the prefix is left out upstream; null is all of it.</param>
    public static void MapBelow(this IEndpointRouteBuilder app, string prefix, string? cut = null, ProviderKind vendor = ProviderKind.OpenAI) =>
        app.Map(prefix + "/{**path}", context => ForwardAsync(context, context.Request.Path.Value![(cut ?? prefix).Length..], provider: null, vendor)).OnDataPlane();

    /// <summary>Hands a request on, unless it is one that the gateway understands: that goes the way of all its kind.</summary>
    /// <param name="rest">The path below the prefix, with its slash.</param>
    /// <param name="provider">Whose; null lets the gateway choose.</param>
    public static async Task ForwardAsync(HttpContext context, string rest, string? provider, ProviderKind vendor = ProviderKind.OpenAI)
    {
        IServiceProvider services = context.RequestServices;
        if (KnownCalls.HasEmptySegment(rest))
        {
            await WireErrors.WriteAsync(context, vendor == ProviderKind.Gemini ? ErrorWire.Gemini : ErrorWire.OpenAI, new GatewayError(
                GatewayErrorKind.NotFound, $"The path {context.Request.Path} holds two slashes in a row. Leave one out.", Code: "unknown_url"));
        }
        else if (KnownCalls.Find(rest) is { } known)
        {
            await CallAsync(context, known, provider);
        }
        else
        {
            await Unless(context, services.GetRequiredService<PassThroughEndpoint>().InvokeAsync(context, rest, provider, vendor));
        }
    }

    private static Task CallAsync(HttpContext context, KnownCall call, string? provider)
    {
        HttpRequest request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return WireErrors.WriteAsync(context, ErrorWires.Of(call.Operation), new GatewayError(
                GatewayErrorKind.MethodNotAllowed, $"Not allowed to {request.Method} on {request.Path} (HINT: use POST).", Code: "method_not_allowed"));
        }
        string path = request.Path.Value is { Length: <= 200 } shown ? shown : request.Path.Value![..200];
        return ApiRoutes.CallAsync(
            context, context.RequestServices.GetRequiredService<GatewayPipeline>(), context.RequestServices.GetRequiredService<TimeProvider>(), path, call, provider);
    }

    // A client that leaves is no failure of ours; everything that matters is in the books.
    internal static async Task Unless(HttpContext context, Task running)
    {
        try
        {
            await running;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
        }
    }
}
