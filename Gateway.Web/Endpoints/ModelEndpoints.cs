using System.Buffers;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Routing;
using Gateway.Web.Calls;

namespace Gateway.Web.Endpoints;

/// <summary>
/// <c>GET /v1/models</c> and <c>/v1/models/{id}</c>, in the shape that the client speaks: what the key may call, and nothing else.
/// </summary>
internal static class ModelEndpoints
{
    public static Task ListAsync(HttpContext context) => ListAsync(context, ShapeOf(context));

    public static Task GetAsync(HttpContext context) => GetAsync(context, ShapeOf(context));

    public static Task ListGeminiAsync(HttpContext context) => ListAsync(context, ModelShape.Gemini);

    public static Task GetGeminiAsync(HttpContext context) => GetAsync(context, ModelShape.Gemini);

    private static async Task ListAsync(HttpContext context, ModelShape shape)
    {
        if (await AuthenticateAsync(context, shape) is not { } caller)
        {
            return;
        }
        IEnumerable<ListedModel> own = CallableModels.Of(caller.Snapshot, caller.Options, caller.Key).SelectMany(
            m => (IEnumerable<ListedModel>)[ListedModel.Of(m.Name, m), .. m.Aliases.Select(a => ListedModel.Of(a, m))]);
        ListedModel[] all = [.. own, .. (await OthersAsync(context, caller)).Select(ListedModel.Of)];
        var body = new ArrayBufferWriter<byte>();
        GatewayError? error;
        using (var json = new Utf8JsonWriter(body))
        {
            error = shape.WriteList(json, all, context.Request.Query);
        }
        if (error is not null)
        {
            await WireErrors.WriteAsync(context, shape.Errors, error);
            return;
        }
        context.Response.ContentType = "application/json";
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private static async Task GetAsync(HttpContext context, ModelShape shape)
    {
        if (await AuthenticateAsync(context, shape) is not { } caller)
        {
            return;
        }
        string id = (string?)context.GetRouteValue("id") ?? "";
        GatewayError? starting = null;
        if (caller.Find(id) is null)
        {
            (starting, caller) = await caller.OnceLoadedAsync(context);
        }
        ListedModel? listed = caller.Find(id) is { } model ? ListedModel.Of(id, model)
            : (await OthersAsync(context, caller)).Contains(id) ? ListedModel.Of(id) : null;
        if (listed is null)
        {
            await WireErrors.WriteAsync(context, shape.Errors, starting ?? RoutePlanner.ModelNotFound(id));
            return;
        }
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter((IBufferWriter<byte>)context.Response.BodyWriter))
        {
            shape.Write(json, listed);
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static Task<IReadOnlyList<string>> OthersAsync(HttpContext context, Caller caller) => context.RequestServices
        .GetRequiredService<CallableModels>().OthersAsync(caller.Snapshot, caller.Options, caller.Key, UpstreamModels.Patience, context.RequestAborted);

    // Anthropic's SDKs send it with everything, and nobody else does.
    private static ModelShape ShapeOf(HttpContext context) =>
        context.Request.Headers.ContainsKey("anthropic-version") ? ModelShape.Anthropic : ModelShape.OpenAI;

    private static async Task<Caller?> AuthenticateAsync(HttpContext context, ModelShape shape)
    {
        IServiceProvider services = context.RequestServices;
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        GatewayOptions options = services.GetRequiredService<Func<GatewayOptions>>()();
        WireErrors.SetRequestId(context.Response.Headers, shape.Errors, RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow()));
        (CatalogSnapshot snapshot, ApiKey? key, GatewayError? error) = await Authenticator.FindAsync(
            services.GetRequiredService<GatewayCatalog>(), options, PresentedKeys.Find(context.Request), context.Connection.RemoteIpAddress, time, context.RequestAborted);
        if (key is null)
        {
            await WireErrors.WriteAsync(context, shape.Errors, error!);
            return null;
        }
        RateLimitHeaders.Add(context.Response.Headers, Admission.Peek(services.GetRequiredService<ILimitStore>(), key, options, time.GetUtcNow()));
        return new Caller(snapshot, key, options);
    }

    /// <summary>Who asks, and of what.</summary>
    private sealed record Caller(CatalogSnapshot Snapshot, ApiKey Key, GatewayOptions Options)
    {
        public Model? Find(string id) => Snapshot.FindModel(id) is { } model && RoutePlanner.IsAllowed(Options, Key, model) ? model : null;

        public async ValueTask<(GatewayError? Starting, Caller Caller)> OnceLoadedAsync(HttpContext context)
        {
            var catalog = context.RequestServices.GetRequiredService<GatewayCatalog>();
            GatewayError? starting = await catalog.WaitLoadedAsync(context.RequestServices.GetRequiredService<TimeProvider>(), context.RequestAborted);
            return (starting, this with { Snapshot = catalog.Current });
        }
    }
}
