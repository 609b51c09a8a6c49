using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Routing;
using Gateway.Web.Health;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Liveness (the process answers), readiness (it should get traffic) and what traffic has shown of the upstreams. Open to
/// everybody, and so without names, unless a valid key comes along. Only <c>/upstream-health</c> goes out, to see whether
/// upstreams that have no check of their own take connections.
/// </summary>
internal static class HealthRoutes
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        foreach (string path in (string[])["/health", "/healthz", "/livez", "/v1/health"])
        {
            app.MapMethods(path, ["GET", "HEAD"], (RequestDelegate)LiveAsync).OnDataPlane();
        }
        foreach (string path in (string[])["/readyz", "/v1/ready"])
        {
            app.MapMethods(path, ["GET", "HEAD"], (RequestDelegate)ReadyAsync).OnDataPlane();
        }
        app.MapMethods("/upstream-health", ["GET", "HEAD"], (RequestDelegate)UpstreamsAsync).OnDataPlane();
    }

    private static Task LiveAsync(HttpContext context)
    {
        context.EchoRequestId();
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync("{\"status\":\"ok\"}"u8.ToArray()).AsTask();
    }

    private static Task ReadyAsync(HttpContext context)
    {
        IServiceProvider services = context.RequestServices;
        (string Name, bool Ok)[] checks =
        [
            ("catalog", services.GetRequiredService<GatewayCatalog>().Loaded.IsCompletedSuccessfully),
            ("journal", services.GetRequiredService<Journal>().IsWritable),
            ("serving", !services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested),
            ("warm", services.GetRequiredService<WarmUp>().IsDone),
        ];
        bool ready = checks.All(c => c.Ok);
        return WriteAsync(context, ready ? 200 : 503, json =>
        {
            json.WriteString("status"u8, ready ? "ready"u8 : "not_ready"u8);
            json.WriteStartObject("checks"u8);
            foreach ((string name, bool ok) in checks)
            {
                json.WriteBoolean(name, ok);
            }
            json.WriteEndObject();
            WriteProviders(json, context, [.. Active(context).Select(p => (p.Name, StateOf(context, p)))]);
        });
    }

    private static async Task UpstreamsAsync(HttpContext context)
    {
        Reachability reachability = context.RequestServices.GetRequiredService<Reachability>();
        (string Name, string State)[] providers = await Task.WhenAll(Active(context).Select(async p =>
            // What traffic has shown may be long ago; what is checked is known.
            StateOf(context, p) is var state && (state is "failing" or "draining" || p.State.Check.Last is not null)
                ? (p.Name, state) : (p.Name, await reachability.AskAsync(p) ? "ok" : "failing")));
        bool anyFailing = providers.Any(p => p.State == "failing");
        await WriteAsync(context, anyFailing ? 503 : 200, json =>
        {
            json.WriteString("status"u8, anyFailing ? "degraded"u8 : "ok"u8);
            WriteProviders(json, context, providers);
        });
    }

    private static IEnumerable<Provider> Active(HttpContext context) =>
        context.RequestServices.GetRequiredService<GatewayCatalog>().Current.AllProviders.Where(p => p.Active).OrderBy(p => p.Name, StringComparer.Ordinal);

    private static void WriteProviders(Utf8JsonWriter json, HttpContext context, (string Name, string State)[] providers)
    {
        IServiceProvider services = context.RequestServices;
        CatalogSnapshot snapshot = services.GetRequiredService<GatewayCatalog>().Current;
        bool known = PresentedKeys.Find(context.Request) is { } key
            && Authenticator.Find(snapshot, services.GetRequiredService<Func<GatewayOptions>>()(), key, context.Connection.RemoteIpAddress, services.GetRequiredService<TimeProvider>().GetUtcNow()) is not null;
        json.WriteStartObject("providers"u8);
        if (known)
        {
            foreach ((string name, string state) in providers)
            {
                json.WriteString(name, state);
            }
        }
        else
        {
            json.WriteNumber("ok"u8, providers.Count(p => p.State == "ok"));
            json.WriteNumber("failing"u8, providers.Count(p => p.State == "failing"));
            json.WriteNumber("draining"u8, providers.Count(p => p.State == "draining"));
            json.WriteNumber("unknown"u8, providers.Count(p => p.State == "unknown"));
        }
        json.WriteEndObject();
    }

    // What traffic and checks have shown: one backend that is well, or coming back, will do.
    private static string StateOf(HttpContext context, Provider provider)
    {
        CatalogSnapshot snapshot = context.RequestServices.GetRequiredService<GatewayCatalog>().Current;
        long now = (long)context.RequestServices.GetRequiredService<TimeProvider>().GetElapsedTime(0).TotalMilliseconds;
        BackendHealth[] states = [.. snapshot.Backends.Values.Where(b => b.Provider.Id == provider.Id && b.Active).Select(b => BackendHealth.Of(b, now))];
        return provider.Draining ? "draining"
            : provider.State.Check.IsDown ? "failing"
            : states.Any(s => s is BackendHealth.Ok or BackendHealth.Full) || provider.State.Check.Last is { Ok: true } ? "ok"
            : states.Any(s => s is BackendHealth.Failing or BackendHealth.Recovering) ? "failing" : "unknown";
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.EchoRequestId();
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
