using Gateway.Core.Telemetry.Metrics;
using Gateway.Web.Configuration;
using Gateway.Web.Endpoints;
using Microsoft.Net.Http.Headers;

namespace Gateway.Web.Telemetry;

/// <summary>
/// <c>GET /metrics</c>, for Prometheus and whatever speaks its formats. Open to everybody who can reach the port, and so without
/// key names or anything that clients wrote.
/// </summary>
internal static class MetricsRoutes
{
    public const string Path = "/metrics";

    /// <summary>Maps it in any case: where metrics are off the answer is 404, not the console's sign-in.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app, GatewaySettings settings)
    {
        IMetricSource[] sources = [.. app.ServiceProvider.GetServices<IMetricSource>()];
        app.MapMethods(Path, ["GET", "HEAD"], (RequestDelegate)(context => WriteAsync(context, settings.Metrics, sources))).OnDataPlane();
    }

    private static async Task WriteAsync(HttpContext context, MetricsSettings settings, IMetricSource[] sources)
    {
        if (!settings.Enabled || (settings.HasPort && context.Connection.LocalPort != settings.Port))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        bool openMetrics = PrefersOpenMetrics(context.Request);
        context.Response.ContentType = openMetrics ? ExpositionWriter.OpenMetricsType : ExpositionWriter.TextType;
        context.Response.Headers.CacheControl = "no-store";
        var writer = new ExpositionWriter(context.Response.BodyWriter, openMetrics);
        foreach (IMetricSource source in sources)
        {
            source.Write(writer);
        }
        writer.End();
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    // Prometheus asks for several formats and says by weights which it would rather have.
    private static bool PrefersOpenMetrics(HttpRequest request)
    {
        (double open, double text) = (0, 0);
        foreach (MediaTypeHeaderValue accepted in request.GetTypedHeaders().Accept)
        {
            double weight = accepted.Quality ?? 1;
            if (!accepted.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            {
                text = accepted.MatchesMediaType("text/plain") && !accepted.MatchesAllTypes ? Math.Max(text, weight) : text;
            }
            else if (accepted.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase)) is null or { Value.Value: "1.0.0" or "1" })
            {
                open = Math.Max(open, weight);
            }
        }
        return open > 0 && open >= text;
    }
}
