using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Keys;
using Gateway.Core.Limits;

namespace Gateway.Web.Endpoints.StoredResponses;

/// <summary>
/// <c>/v1/responses/{id}</c> and below: answered from the gateway's own store, or by the provider that keeps the answer. A key
/// sees only answers that it asked for.
/// </summary>
internal static class StoredResponseRoutes
{
    public static void MapStoredResponses(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/responses/{id}", c => HandleAsync(c, "", GetAsync)).OnDataPlane();
        app.MapDelete("/v1/responses/{id}", c => HandleAsync(c, "", DeleteAsync)).OnDataPlane();
        app.MapPost("/v1/responses/{id}/cancel", c => HandleAsync(c, "/cancel", CancelAsync)).OnDataPlane();
        app.MapGet("/v1/responses/{id}/input_items", c => HandleAsync(c, "/input_items", InputItems.WriteAsync)).OnDataPlane();
    }

    private static async Task HandleAsync(HttpContext context, string below, Func<HttpContext, StoredResponse, Task> handle)
    {
        IServiceProvider services = context.RequestServices;
        if (await AuthenticateAsync(context) is not { } key)
        {
            return;
        }
        string id = (string?)context.GetRouteValue("id") ?? "";
        var store = services.GetService<IResponseStore>();
        StoredResponse? response = null;
        try
        {
            response = store is { Enabled: true } && id.Length <= 256 ? await store.LoadAsync(id, key.Id, context.RequestAborted) : null;
            if (response is null)
            {
                await RefuseAsync(context, NotFound(id, store));
            }
            else if (response.ProviderId is not null)
            {
                await KeptUpstream.AskAsync(context, key, response, below, store!);
            }
            else
            {
                await handle(context, response);
            }
        }
        catch (ResponseStoreException)
        {
            await RefuseAsync(context, new GatewayError(
                GatewayErrorKind.Overloaded, "Stored responses cannot be read at the moment.", RetryAfter: TimeSpan.FromSeconds(5)));
        }
    }

    public static Task RefuseAsync(HttpContext context, GatewayError error) => WireErrors.WriteAsync(context, ErrorWire.OpenAI, error);

    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    private static GatewayError NotFound(string id, IResponseStore? store) => store is { Enabled: true }
        ? new GatewayError(GatewayErrorKind.NotFound, $"Response with id '{(id.Length <= 100 ? id : id[..100])}' not found.")
        : new GatewayError(GatewayErrorKind.NotFound, "This gateway keeps no responses (Gateway:Responses:Store).");

    private static Task GetAsync(HttpContext context, StoredResponse response) => context.Request.Query["stream"] == "true"
        ? RefuseAsync(context, new GatewayError(
            GatewayErrorKind.InvalidRequest, "This response is complete and cannot be streamed again; ask for it without stream.", "stream"))
        : WriteAsync(context, response.Response);

    private static async Task DeleteAsync(HttpContext context, StoredResponse response)
    {
        await context.RequestServices.GetRequiredService<IResponseStore>().DeleteAsync(response.Id, response.KeyId, context.RequestAborted);
        await WriteAsync(context, Deleted(response.Id));
    }

    private static byte[] Deleted(string id)
    {
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("object"u8, "response"u8);
            writer.WriteBoolean("deleted"u8, true);
            writer.WriteEndObject();
        }
        return output.ToArray();
    }

    // What is kept here was answered whole: nothing of it still runs.
    private static Task CancelAsync(HttpContext context, StoredResponse response) => RefuseAsync(context, new GatewayError(
        GatewayErrorKind.InvalidRequest, $"Cannot cancel a {StatusOf(response)} response; only background responses can be cancelled."));

    private static string StatusOf(StoredResponse response) => JsonFields.Parse(response.Response.Span).Text("status") ?? "completed";

    private static async Task<ApiKey?> AuthenticateAsync(HttpContext context)
    {
        IServiceProvider services = context.RequestServices;
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        GatewayOptions options = services.GetRequiredService<Func<GatewayOptions>>()();
        GatewayCatalog catalog = services.GetRequiredService<GatewayCatalog>();
        PresentedKey? presented = PresentedKeys.Find(context.Request);
        context.Response.Headers["x-request-id"] = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow());
        (_, ApiKey? key, GatewayError? error) = await Authenticator.FindAsync(catalog, options, presented, context.Connection.RemoteIpAddress, time, context.RequestAborted);
        error ??= Authenticator.Refusal(key!, Operation.Responses);
        if (error is null)
        {
            RateLimitHeaders.Add(context.Response.Headers, Admission.Peek(services.GetRequiredService<ILimitStore>(), key!, options, time.GetUtcNow()));
            return key;
        }
        await RefuseAsync(context, error);
        return null;
    }
}
