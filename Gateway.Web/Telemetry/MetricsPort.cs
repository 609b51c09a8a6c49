using Gateway.Web.Configuration;

namespace Gateway.Web.Telemetry;

/// <summary>Keeps everything but metrics away from their port, before any other part of the server looks at a request.</summary>
internal sealed class MetricsPort(GatewaySettings settings) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        int port = settings.Metrics.Port;
        app.Use((context, rest) =>
        {
            // The port that the connection came in at, not the one that the request says.
            if (context.Connection.LocalPort != port || context.Request.Path == MetricsRoutes.Path)
            {
                return rest(context);
            }
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        next(app);
    };
}
