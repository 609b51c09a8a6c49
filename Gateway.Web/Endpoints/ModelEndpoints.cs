using System.Buffers;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;

namespace Gateway.Web.Endpoints;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>: what the key may use, and nothing else.</summary>
internal static class ModelEndpoints
{
    public static async Task ListAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context) is not var (snapshot, key))
        {
            return;
        }
        Begin(context);
        Write(context, snapshot.Models.Where(key.Allows));
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public static async Task GetAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context) is not var (snapshot, key))
        {
            return;
        }
        string id = (string?)context.GetRouteValue("id") ?? "";
        if (snapshot.FindModel(id) is not { } model || !key.Allows(model))
        {
            await WireErrors.WriteAsync(context, ErrorWire.OpenAI, Gateway.Core.Routing.RoutePlanner.ModelNotFound(id));
            return;
        }
        Begin(context);
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            WriteModel(json, model, id);
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>The list in Gemini's shape.</summary>
    public static async Task ListGeminiAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context, ErrorWire.Gemini) is not var (snapshot, key))
        {
            return;
        }
        Begin(context);
        using (var json = new Utf8JsonWriter((IBufferWriter<byte>)context.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteStartArray("models"u8);
            foreach (Model model in snapshot.Models.Where(key.Allows))
            {
                foreach (string name in (IEnumerable<string>)[model.Name, .. model.Aliases])
                {
                    WriteGeminiModel(json, model, name);
                }
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>One model in Gemini's shape.</summary>
    public static async Task GetGeminiAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context, ErrorWire.Gemini) is not var (snapshot, key))
        {
            return;
        }
        string id = (string?)context.GetRouteValue("id") ?? "";
        if (snapshot.FindModel(id) is not { } model || !key.Allows(model))
        {
            await WireErrors.WriteAsync(context, ErrorWire.Gemini, Gateway.Core.Routing.RoutePlanner.ModelNotFound(id));
            return;
        }
        Begin(context);
        using (var json = new Utf8JsonWriter((IBufferWriter<byte>)context.Response.BodyWriter))
        {
            WriteGeminiModel(json, model, id);
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static async Task<(CatalogSnapshot Snapshot, ApiKey Key)?> AuthenticateAsync(HttpContext context, ErrorWire wire = ErrorWire.OpenAI)
    {
        IServiceProvider services = context.RequestServices;
        var catalog = services.GetRequiredService<GatewayCatalog>();
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        GatewayOptions options = services.GetRequiredService<Func<GatewayOptions>>()();
        string? presented = PresentedKeys.Find(context.Request);
        context.Response.Headers["x-request-id"] = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow());
        // A list is only worth having when it is complete.
        await catalog.Loaded.WaitAsync(options.FirstByteTimeout, context.RequestAborted);
        CatalogSnapshot snapshot = catalog.Current;
        if (Authenticator.Find(snapshot, options, presented, time.GetUtcNow()) is { } key)
        {
            RateLimitHeaders.Add(context.Response.Headers, Admission.Peek(services.GetRequiredService<ILimitStore>(), key, options, time.GetUtcNow()));
            return (snapshot, key);
        }
        await WireErrors.WriteAsync(context, wire, Authenticator.Refusal(presented));
        return null;
    }

    private static void Begin(HttpContext context) => context.Response.ContentType = "application/json";

    private static void Write(HttpContext context, IEnumerable<Model> models)
    {
        using var json = new Utf8JsonWriter((IBufferWriter<byte>)context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (Model model in models)
        {
            WriteModel(json, model, model.Name);
            foreach (string alias in model.Aliases)
            {
                WriteModel(json, model, alias);
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteGeminiModel(Utf8JsonWriter json, Model model, string name)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, "models/" + name);
        json.WriteString("version"u8, "001"u8);
        json.WriteString("displayName"u8, model.Name);
        if (model.MaxOutputTokens is { } most)
        {
            json.WriteNumber("outputTokenLimit"u8, most);
        }
        json.WriteStartArray("supportedGenerationMethods"u8);
        json.WriteStringValue("generateContent"u8);
        json.WriteStringValue("streamGenerateContent"u8);
        json.WriteStringValue("countTokens"u8);
        json.WriteStringValue("embedContent"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, Model model, string name)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, name);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, model.Created);
        json.WriteString("owned_by"u8, "inference-gateway"u8);
        json.WriteEndObject();
    }
}
