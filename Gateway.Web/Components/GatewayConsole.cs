using Gateway.Web.Administration;
using Gateway.Web.Administration.AdminApi;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Health;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Components.Pages.Playground;
using Gateway.Web.Components.Pages.Teams;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Radzen;

namespace Gateway.Web.Components;

/// <summary>The console's services and endpoints. A node whose <c>Gateway:Role</c> is <c>gateway</c> calls neither.</summary>
public static class GatewayConsole
{
    public static IServiceCollection AddGatewayConsole(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents()
            // What people paste (requests, streams, recordings) is longer than the usual 32 KiB; a longer message ends the circuit.
            .AddHubOptions(o => o.MaximumReceiveMessageSize = 1_048_576);
        services.AddRadzenComponents();
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "gateway-console-antiforgery";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddAuthentication(ConsoleSignIn.Scheme).AddCookie(ConsoleSignIn.Scheme, ConsoleSignIn.Configure);
        services.AddAuthorizationBuilder();
        services.Configure<Microsoft.AspNetCore.Authorization.AuthorizationOptions>(ConsolePolicies.Configure);
        services.AddSingleton<SessionTickets>();
        services.AddOptions<CookieAuthenticationOptions>(ConsoleSignIn.Scheme).Configure<SessionTickets>((o, tickets) => o.SessionStore = tickets);
        services.AddSingleton<ConsoleAccounts>();
        services.AddSingleton<EndedSessions>();
        services.AddSingleton<SignInThrottle>();
        services.AddScoped<AuthenticationStateProvider, CircuitRevalidation>();
        services.AddScoped<Toasts>();
        services.AddScoped<CurrentOperator>();
        services.AddScoped<Show>();
        services.AddScoped<PersonalAppearance>();
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<TeamReader>();
        services.AddSingleton<TurnRunner>();
        services.AddSingleton<HealthReader>();
        return services;
    }

    /// <summary>Tells browsers what pages may do, also of what is answered before it comes to a page.</summary>
    public static void UseBrowserHeaders(this WebApplication app) => app.UseWhen(BrowserHeaders.AppliesTo, console => console.Use(BrowserHeaders.Add));

    /// <summary>
    /// Shows the console's own page where a browser asks for one that is not there. Call before
    /// authentication, which decides about that page as about any other.
    /// </summary>
    public static void UseNotFoundPage(this WebApplication app)
    {
        var page = new Lazy<Endpoint>(() => ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .First(endpoint => endpoint.RoutePattern.RawText == ConsoleUrls.NotFoundPath));
        app.Use((context, next) =>
        {
            if (context.GetEndpoint() is null && AsksForAPage(context))
            {
                context.SetEndpoint(page.Value);
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                // Without it the page's renderer leaves a 404 empty, for somebody else to fill.
                context.Features.Set<IStatusCodeReExecuteFeature>(new StatusCodeReExecuteFeature { OriginalPath = context.Request.Path });
            }
            return next(context);
        });
    }

    /// <summary>Maps the pages, their assets and the sign-in endpoints. Call after routing, authentication and authorization.</summary>
    public static void MapGatewayConsole(this WebApplication app)
    {
        // A stopping server closes circuits, and their browsers come back at once: let in, they would hold the process until
        // its grace period is over.
        app.Use((context, next) =>
        {
            if (!app.Lifetime.ApplicationStopping.IsCancellationRequested || !context.Request.Path.StartsWithSegments("/_blazor"))
            {
                return next(context);
            }
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        // A WebSocket's handshake asks no permission of the other origin, unlike fetch.
        app.Use((context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/_blazor") || !SameOrigin.IsForeign(context.Request))
            {
                return next(context);
            }
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        app.UseAntiforgery();
        app.MapStaticAssets().AllowAnonymous();
        // A browser asks for this beside what is no page of ours: a problem in JSON, a line of text.
        app.MapGet("/favicon.ico", () => Results.Redirect("/favicon.svg")).AllowAnonymous().ExcludeFromDescription();
        ConsoleSignIn.Map(app);
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = "'none'")
            .RequireAuthorization(ConsolePolicies.Viewer);
    }

    private static bool AsksForAPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && BrowserHeaders.AppliesTo(context) && !context.Request.Path.StartsWithSegments(AdminApiExtensions.Prefix)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
