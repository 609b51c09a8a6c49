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
        ("/v1/responses", Operation.Responses),
        ("/v1/messages", Operation.Messages),
        ("/v1/messages/count_tokens", Operation.MessagesCountTokens),
    ];

    public static void MapDataPlane(this IEndpointRouteBuilder app)
    {
        foreach ((string path, Operation operation) in Calls)
        {
            MapCall(app, path, operation);
        }
        app.MapGemini();
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
            WireHeaders = RequestHeaders.WireHeadersOf(context.Request, operation),
        };
        await RunAsync(context, pipeline, exchange);
    }

    internal static async Task RunAsync(HttpContext context, GatewayPipeline pipeline, HttpExchange exchange)
    {
        try
        {
            await pipeline.InvokeAsync(exchange);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; everything that matters is in the books.
        }
    }

    private static Task UnknownAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        int known = Array.FindIndex(Calls, c => c.Path == path);
        return known >= 0
            ? WireErrors.WriteAsync(context, ErrorWires.Of(Calls[known].Operation), new GatewayError(
                GatewayErrorKind.MethodNotAllowed,
                $"Not allowed to {context.Request.Method} on {path} (HINT: use POST).",
                Code: "method_not_allowed"))
            : WireErrors.WriteAsync(context, path.StartsWith("/v1/messages", StringComparison.Ordinal) ? ErrorWire.Anthropic : ErrorWire.OpenAI, UnknownUrl(context));
    }

    internal static GatewayError UnknownUrl(HttpContext context) => new(
        GatewayErrorKind.NotFound,
        $"Unknown request URL: {context.Request.Method} {context.Request.Path}. Please check the URL for typos.",
        Code: "unknown_url");

    /// <summary>
    /// Authenticates by API key in the pipeline, not by the console's cookie, and so needs none of its middleware.
    /// </summary>
    internal static IEndpointConventionBuilder OnDataPlane(this IEndpointConventionBuilder endpoint) =>
        endpoint.AllowAnonymous().DisableAntiforgery().ShortCircuit();
}
