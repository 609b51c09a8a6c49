using System.Collections.Frozen;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Leads a call whose path has no variable part straight to its endpoint. The router finds the same one, but by an automaton over all
/// routes of the API and the console and by every policy that may have a say, which costs a call more than its key and its limits do.
/// </summary>
internal static class DirectPaths
{
    /// <summary>Stands before the router, which serves whatever is not found here.</summary>
    public static void UseDirectPaths(this WebApplication app)
    {
        FrozenDictionary<string, Endpoint>? endpoints = null;
        app.Use(next => context =>
        {
            // Not before the first request, since endpoints are added until then.
            endpoints ??= Find(app);
            if (!HttpMethods.IsPost(context.Request.Method) || !endpoints.TryGetValue(context.Request.Path.Value ?? "", out Endpoint? endpoint))
            {
                return next(context);
            }
            context.SetEndpoint(endpoint);
            return endpoint.RequestDelegate!(context);
        });
    }

    private static FrozenDictionary<string, Endpoint> Find(IEndpointRouteBuilder app) => app.DataSources
        .SelectMany(s => s.Endpoints)
        .OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<DataPlaneEndpoint>() is not null
            && e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is ["POST"]
            && e.RoutePattern.Parameters.Count == 0)
        .ToFrozenDictionary(e => e.RoutePattern.RawText!, Endpoint (e) => e, StringComparer.Ordinal);
}

/// <summary>Marks an endpoint that is served by its delegate alone: no middleware stands between it and the router.</summary>
internal sealed record DataPlaneEndpoint;
