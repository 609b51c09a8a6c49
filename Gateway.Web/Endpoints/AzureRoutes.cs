using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Web.Endpoints.PassThrough;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Azure OpenAI's paths: <c>/openai/deployments/{deployment}/…?api-version=</c>, where the deployment is the model, whatever
/// the body says; and the newer <c>/openai/v1/…</c>, which is OpenAI's own. Any version is taken: the wire is the same.
/// Source: Azure OpenAI REST API reference.
/// </summary>
internal static class AzureRoutes
{
    private static readonly Operation[] OfDeployments =
    [
        Operation.ChatCompletions, Operation.Completions, Operation.Embeddings, Operation.ImageGenerations, Operation.ImageEdits,
        Operation.Transcriptions, Operation.Translations, Operation.Speech,
    ];

    public static void MapAzure(this IEndpointRouteBuilder app)
    {
        GatewayPipeline pipeline = app.ServiceProvider.GetRequiredService<GatewayPipeline>();
        TimeProvider time = app.ServiceProvider.GetRequiredService<TimeProvider>();
        foreach (Operation operation in OfDeployments)
        {
            app.MapPost("/openai/deployments/{deployment}/" + operation.ToPath(), (RequestDelegate)(context => CallAsync(context, pipeline, time, operation))).OnDataPlane();
        }
        app.MapCalls("/openai/v1");
        app.MapGet("/openai/v1/models", ModelEndpoints.ListAsync).OnDataPlane();
        app.MapGet("/openai/v1/models/{**id}", ModelEndpoints.GetAsync).OnDataPlane();
        app.MapBelow("/openai/v1");
        app.Map("/openai/realtime", context => PassThroughRoutes.ForwardAsync(context, "/realtime", provider: null)).OnDataPlane();
        app.Map("/openai/{**path}", context => WireErrors.WriteAsync(context, ErrorWire.OpenAI, ApiRoutes.UnknownUrl(context))).OnDataPlane();
    }

    private static Task CallAsync(HttpContext context, GatewayPipeline pipeline, TimeProvider time, Operation operation) =>
        ApiRoutes.RunAsync(context, pipeline, new HttpExchange(context)
        {
            Operation = operation,
            Method = "POST",
            Path = "/openai/deployments/" + operation.ToPath(),
            PathModel = (string)context.GetRouteValue("deployment")!,
            RequestId = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow()),
            Trace = RequestHeaders.TraceOf(context.Request),
        });
}
