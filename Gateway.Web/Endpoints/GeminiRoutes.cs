using Gateway.Core;
using Gateway.Core.Catalog;

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
        app.Map("/v1beta/{**path}", context => WireErrors.WriteAsync(context, ErrorWire.Gemini, ApiRoutes.UnknownUrl(context))).OnDataPlane();
    }

    private static async Task CallAsync(HttpContext context, GatewayPipeline pipeline, TimeProvider time)
    {
        string call = (string?)context.GetRouteValue("call") ?? "";
        int colon = call.LastIndexOf(':');
        if (colon <= 0 || OperationOf(call[(colon + 1)..], out bool stream) is not { } operation)
        {
            await WireErrors.WriteAsync(context, ErrorWire.Gemini, ApiRoutes.UnknownUrl(context));
            return;
        }
        using var exchange = new HttpExchange(context)
        {
            Operation = operation,
            Method = "POST",
            Path = context.Request.Path.Value!,
            RequestId = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow()),
            Trace = RequestHeaders.TraceOf(context.Request),
            PathModel = call[..colon],
            PathStream = stream,
            WantsArray = stream && context.Request.Query["alt"] != "sse",
        };
        await ApiRoutes.RunAsync(context, pipeline, exchange);
    }

    private static Operation? OperationOf(string method, out bool stream)
    {
        stream = method == "streamGenerateContent";
        return method switch
        {
            "generateContent" or "streamGenerateContent" => Operation.GenerateContent,
            "countTokens" => Operation.GeminiCountTokens,
            "embedContent" => Operation.EmbedContent,
            "batchEmbedContents" => Operation.BatchEmbedContents,
            _ => null,
        };
    }
}
