using System.Globalization;
using System.Threading.RateLimiting;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Web.Administration.AdminApi;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration.SelfService;

/// <summary>
/// <c>GET /self/v1</c>: the holder of a key asks after it, with the key itself. It shows nothing of anybody else, and is not
/// part of the admin API.
/// </summary>
internal static class SelfServiceRoutes
{
    public const string Path = "/self/v1";

    // Each reading adds up rollups; a page that refreshes itself needs far fewer.
    private const int MostPerMinute = 60;

    private static readonly Dictionary<string, TimeSpan> Windows = new(StringComparer.Ordinal)
    {
        ["1h"] = TimeSpan.FromHours(1),
        ["24h"] = TimeSpan.FromDays(1),
        ["7d"] = TimeSpan.FromDays(7),
        ["30d"] = TimeSpan.FromDays(30),
    };

    public static IServiceCollection AddGatewaySelfService(this IServiceCollection services)
    {
        services.AddSingleton<OwnKeyReader>();
        services.AddSingleton(_ => PartitionedRateLimiter.Create<ApiKey, string>(key => RateLimitPartition.GetFixedWindowLimiter(
            key.Id, _ => new FixedWindowRateLimiterOptions { PermitLimit = MostPerMinute, Window = TimeSpan.FromMinutes(1), AutoReplenishment = true })));
        return services;
    }

    public static void MapGatewaySelfService(this WebApplication app) => app.MapGet(Path, ReadAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task ReadAsync(HttpContext context)
    {
        IServiceProvider services = context.RequestServices;
        context.Response.Headers.CacheControl = "no-store";
        GatewayOptions options = services.GetRequiredService<Func<GatewayOptions>>()();
        DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        ApiKey? key = Authenticator.Find(services.GetRequiredService<GatewayCatalog>().Current, options, Presented(context.Request), context.Connection.RemoteIpAddress, now);
        if (key is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await AdminProblem.WriteAsync(context, StatusCodes.Status401Unauthorized, "Send the key as Authorization: Bearer <key>. This one is not known, expired, was revoked, or may not be used from this address.");
            return;
        }
        if (key == Authenticator.Anonymous)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, "Authentication is switched off on this gateway: there is no key to ask after.");
            return;
        }
        if (!Windows.TryGetValue(context.Request.Query["window"].FirstOrDefault() ?? "24h", out TimeSpan window))
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"window is one of {string.Join(", ", Windows.Keys)}.");
            return;
        }
        using RateLimitLease lease = services.GetRequiredService<PartitionedRateLimiter<ApiKey>>().AttemptAcquire(key);
        if (!lease.IsAcquired)
        {
            TimeSpan wait = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan known) ? known : TimeSpan.FromMinutes(1);
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await AdminProblem.WriteAsync(context, StatusCodes.Status429TooManyRequests, $"{MostPerMinute} times a minute is enough.");
            return;
        }
        try
        {
            await context.WriteJsonAsync(await services.GetRequiredService<OwnKeyReader>().ReadAsync(key, window, context.RequestAborted));
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) && !context.Response.HasStarted)
        {
            await AdminProblem.WriteAsync(context, AdministrationOutcome.Unavailable, [new CatalogError("", "The database cannot be reached. Calls with the key go on; ask again in a moment.")]);
        }
    }

    private static PresentedKey? Presented(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { } header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? new PresentedKey(header[7..].Trim()) : null;
}
