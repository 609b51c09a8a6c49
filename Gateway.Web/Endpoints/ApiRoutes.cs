using Gateway.Core;
using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints;

/// <summary>The data plane's routes. Nothing but paths and what they lead to.</summary>
internal static class ApiRoutes
{
    private static readonly (string Path, Operation Operation)[] Calls =
    [
        ("/v1/chat/completions", Operation.ChatCompletions),
        ("/v1/completions", Operation.Completions),
        ("/v1/embeddings", Operation.Embeddings),
        ("/v1/rerank", Operation.Rerank),
        ("/v2/rerank", Operation.CohereRerank),
        ("/v1/moderations", Operation.Moderations),
        ("/v1/images/generations", Operation.ImageGenerations),
        ("/v1/images/edits", Operation.ImageEdits),
        ("/v1/audio/transcriptions", Operation.Transcriptions),
        ("/v1/audio/translations", Operation.Translations),
        ("/v1/audio/speech", Operation.Speech),
    ];

    public static void MapDataPlane(this IEndpointRouteBuilder app)
    {
        foreach ((string path, Operation operation) in Calls)
        {
            MapCall(app, path, operation);
        }
        app.ServiceProvider.GetRequiredService<WarmUp>().Map(app);
        app.MapGet("/v1/models", ModelEndpoints.ListAsync).OnDataPlane();
        app.MapGet("/v1/models/{**id}", ModelEndpoints.GetAsync).OnDataPlane();
        app.Map("/v1/{**path}", UnknownAsync).OnDataPlane();
    }

    private static void MapCall(IEndpointRouteBuilder app, string path, Operation operation)
    {
        GatewayPipeline pipeline = app.ServiceProvider.GetRequiredService<GatewayPipeline>();
        TimeProvider time = app.ServiceProvider.GetRequiredService<TimeProvider>();
        app.MapPost(path, (RequestDelegate)(context => CallAsync(context, pipeline, time, path, operation))).OnDataPlane();
    }

    internal static async Task CallAsync(HttpContext context, GatewayPipeline pipeline, TimeProvider time, string path, Operation operation)
    {
        using var exchange = new HttpExchange(context)
        {
            Operation = operation,
            Method = "POST",
            Path = path,
            RequestId = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow()),
            TraceParent = RequestHeaders.TraceParentOf(context.Request),
            TraceState = context.Request.Headers.TraceState,
        };
        try
        {
            await pipeline.InvokeAsync(exchange);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; everything that matters is in the books.
        }
    }

    private static Task UnknownAsync(HttpContext context) => Calls.Any(c => c.Path == context.Request.Path.Value) ? OpenAIErrors.WriteAsync(context, new GatewayError(
        GatewayErrorKind.MethodNotAllowed,
        $"Not allowed to {context.Request.Method} on {context.Request.Path} (HINT: use POST).",
        Code: "method_not_allowed")) : OpenAIErrors.WriteAsync(context, new GatewayError(
        GatewayErrorKind.NotFound,
        $"Unknown request URL: {context.Request.Method} {context.Request.Path}. Please check the URL for typos.",
        Code: "unknown_url"));

    /// <summary>
    /// Authenticates by API key in the pipeline, not by the console's cookie, and so needs none of its middleware.
    /// </summary>
    internal static IEndpointConventionBuilder OnDataPlane(this IEndpointConventionBuilder endpoint) =>
        endpoint.AllowAnonymous().DisableAntiforgery().ShortCircuit();
}
