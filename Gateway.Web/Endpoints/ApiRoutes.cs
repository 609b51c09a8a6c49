using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Web.Endpoints.PassThrough;
using Gateway.Web.Endpoints.StoredResponses;

namespace Gateway.Web.Endpoints;

/// <summary>The data plane's routes. Nothing but paths and what they lead to.</summary>
internal static class ApiRoutes
{
    public static void MapDataPlane(this IEndpointRouteBuilder app)
    {
        foreach ((string path, Operation operation) in KnownCalls.All)
        {
            MapCall(app, path, operation);
        }
        // As clients have it that come from a gateway whose base URL ends at the host.
        app.MapCalls("");
        app.MapGemini();
        app.MapStoredResponses();
        app.ServiceProvider.GetRequiredService<WarmUp>().Map(app);
        app.MapGet("/v1/models", ModelEndpoints.ListAsync).OnDataPlane();
        app.MapGet("/v1/models/{**id}", ModelEndpoints.GetAsync).OnDataPlane();
        app.MapAzure();
        app.MapPassThrough();
    }

    /// <summary>The same calls below another prefix than <c>/v1</c>.</summary>
    internal static void MapCalls(this IEndpointRouteBuilder app, string prefix)
    {
        foreach ((string path, Operation operation) in KnownCalls.All.Where(c => c.Path.StartsWith("/v1/", StringComparison.Ordinal)))
        {
            MapCall(app, prefix + path["/v1".Length..], operation);
        }
    }

    private static void MapCall(IEndpointRouteBuilder app, string path, Operation operation)
    {
        GatewayPipeline pipeline = app.ServiceProvider.GetRequiredService<GatewayPipeline>();
        TimeProvider time = app.ServiceProvider.GetRequiredService<TimeProvider>();
        RequestDelegate call = context => CallAsync(context, pipeline, time, path, operation);
        if (operation == Operation.ChatCompletions)
        {
            SummaryEndpoint summary = app.ServiceProvider.GetRequiredService<SummaryEndpoint>();
            RequestDelegate plain = call;
            call = context => SummaryEndpoint.IsFor(context.Request) ? SummariseAsync(context, summary, plain) : plain(context);
        }
        app.MapPost(path, call).OnDataPlane();
    }

    private static async Task SummariseAsync(HttpContext context, SummaryEndpoint summary, RequestDelegate plain)
    {
        if (!await summary.TryInvokeAsync(context))
        {
            await plain(context);
        }
    }

    internal static Task CallAsync(HttpContext context, GatewayPipeline pipeline, TimeProvider time, string path, Operation operation) =>
        CallAsync(context, pipeline, time, path, new KnownCall(operation), provider: null);

    /// <param name="provider">The one that the path names; null leaves the choice to the model.</param>
    internal static Task CallAsync(HttpContext context, GatewayPipeline pipeline, TimeProvider time, string path, KnownCall call, string? provider) =>
        RunAsync(context, pipeline, new HttpExchange(context)
        {
            Operation = call.Operation,
            Method = "POST",
            Path = path,
            RequestId = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow()),
            Trace = RequestHeaders.TraceOf(context.Request),
            WireHeaders = RequestHeaders.WireHeadersOf(context.Request, call.Operation),
            NamedProvider = provider,
            PathModel = call.Model,
            PathStream = call.Stream,
            WantsArray = call.Stream && context.Request.Query["alt"] != "sse",
        });

    /// <summary>Serves the exchange, and disposes it.</summary>
    internal static async Task RunAsync(HttpContext context, GatewayPipeline pipeline, HttpExchange exchange)
    {
        using (exchange)
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
    }

    internal static GatewayError UnknownUrl(HttpContext context) => new(
        GatewayErrorKind.NotFound,
        $"Unknown request URL: {context.Request.Method} {context.Request.Path}. Please check the URL for typos.",
        Code: "unknown_url");

    /// <summary>
    /// Authenticates by API key in the pipeline, not by the console's cookie, and so needs none of its middleware.
    /// </summary>
    internal static IEndpointConventionBuilder OnDataPlane(this IEndpointConventionBuilder endpoint) =>
        endpoint.AllowAnonymous().DisableAntiforgery().ShortCircuit().ClosingWhenStopping().WithMetadata(new DataPlaneEndpoint());

    /// <summary>While the process stops, connections are not to be used again: the next request may find nobody.</summary>
    private static IEndpointConventionBuilder ClosingWhenStopping(this IEndpointConventionBuilder endpoint)
    {
        endpoint.Finally(builder =>
        {
            RequestDelegate next = builder.RequestDelegate!;
            CancellationToken stopping = builder.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            builder.RequestDelegate = context =>
            {
                if (stopping.IsCancellationRequested && HttpProtocol.IsHttp11(context.Request.Protocol))
                {
                    context.Response.Headers.Connection = "close";
                }
                return next(context);
            };
        });
        return endpoint;
    }
}
