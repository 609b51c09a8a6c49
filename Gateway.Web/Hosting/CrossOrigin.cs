using Gateway.Web.Configuration;

namespace Gateway.Web.Hosting;

/// <summary>Lets pages of other origins call the gateway from a browser, where the settings name them. Never the console or the admin API.</summary>
internal static class CrossOrigin
{
    private const string Policy = "clients";

    private static readonly PathString[] Paths = ["/v1", "/v1beta", "/upload", "/openai"];

    // What a script may read of an answer's head.
    private static readonly string[] Exposed =
    [
        "X-Request-ID", "Retry-After", "x-gateway-provider", "x-gateway-backend", "x-gateway-attempts", "x-gateway-overhead-ms", "x-gateway-cost-usd", "x-gateway-lossy", "X-Goog-Upload-URL", "X-Goog-Upload-Status",
        "X-RateLimit-Limit-Requests", "X-RateLimit-Remaining-Requests", "X-RateLimit-Reset-Requests",
        "X-RateLimit-Limit-Tokens", "X-RateLimit-Remaining-Tokens", "X-RateLimit-Reset-Tokens",
    ];

    public static void AddCrossOrigin(this IServiceCollection services, GatewaySettings settings)
    {
        if (settings.CorsOrigins.Count > 0)
        {
            // Keys are sent in headers, never in cookies: credentials are not allowed, so that any origin can be.
            services.AddCors(o => o.AddPolicy(Policy, p => p
                .WithOrigins([.. settings.CorsOrigins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Exposed).SetPreflightMaxAge(TimeSpan.FromHours(1))));
        }
    }

    public static void UseCrossOrigin(this WebApplication app, GatewaySettings settings)
    {
        if (settings.CorsOrigins.Count > 0)
        {
            app.UseWhen(c => Array.Exists(Paths, p => c.Request.Path.StartsWithSegments(p)), branch => branch.UseCors(Policy));
        }
    }
}
