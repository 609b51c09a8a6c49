using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Web.Endpoints.PassThrough;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Gemini's paths, which hold the model and the method: <c>/v1beta/models/{model}:{method}</c>, and the same below <c>/v1</c>.
/// A model's name may hold slashes and colons itself; the method stands after the last colon.
/// </summary>
internal static class GeminiRoutes
{
    public static void MapGemini(this IEndpointRouteBuilder app)
    {
        GatewayPipeline pipeline = app.ServiceProvider.GetRequiredService<GatewayPipeline>();
        TimeProvider time = app.ServiceProvider.GetRequiredService<TimeProvider>();
        foreach (string prefix in (ReadOnlySpan<string>)["/v1beta", "/v1"])
        {
            app.MapPost(prefix + "/models/{**call}", (RequestDelegate)(context => CallAsync(context, pipeline, time))).OnDataPlane();
        }
        app.MapGet("/v1beta/models", ModelEndpoints.ListGeminiAsync).OnDataPlane();
        app.MapGet("/v1beta/models/{**id}", ModelEndpoints.GetGeminiAsync).OnDataPlane();
        app.MapBelow("/v1beta", vendor: ProviderKind.Gemini);
        app.MapBelow("/upload/v1beta", cut: "", ProviderKind.Gemini);
    }

    private static async Task CallAsync(HttpContext context, GatewayPipeline pipeline, TimeProvider time)
    {
        if (Find((string?)context.GetRouteValue("call") ?? "") is not { } call)
        {
            await WireErrors.WriteAsync(context, ErrorWire.Gemini, ApiRoutes.UnknownUrl(context));
            return;
        }
        await ApiRoutes.CallAsync(context, pipeline, time, context.Request.Path.Value!, call, provider: null);
    }

    /// <summary>What <c>{model}:{method}</c> asks for; null for a method that is not known.</summary>
    public static KnownCall? Find(string call)
    {
        int colon = call.LastIndexOf(':');
        string method = colon <= 0 ? "" : call[(colon + 1)..];
        Operation? operation = method switch
        {
            "generateContent" or "streamGenerateContent" => Operation.GenerateContent,
            "countTokens" => Operation.GeminiCountTokens,
            "embedContent" => Operation.EmbedContent,
            "batchEmbedContents" => Operation.BatchEmbedContents,
            _ => null,
        };
        return operation is { } known ? new KnownCall(known, call[..colon], method == "streamGenerateContent") : null;
    }
}
