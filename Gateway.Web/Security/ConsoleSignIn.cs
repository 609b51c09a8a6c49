using System.Text.Encodings.Web;
using Gateway.Web.Administration;
using Gateway.Web.Configuration;
using Gateway.Web.Endpoints;
using Gateway.Web.Security.Providers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Web.Security;

/// <summary>Signing in and out: plain HTTP endpoints behind the sign-in page's form, and the cookie they set.</summary>
internal static partial class ConsoleSignIn
{
    public const string Scheme = "console";
    public const string Path = "/login";
    public const string SignOutPath = "/logout";

    private const string ProviderPath = Path + "/with/";

    /// <summary>Where signing in with a provider begins.</summary>
    public static string PathOf(SignInProvider provider, string returnUrl) => $"{ProviderPath}{provider.Name}?returnUrl={Uri.EscapeDataString(returnUrl)}";

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "gateway-console";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        // Plain http is for loopback and for TLS that ends in front of us; there the request is seen as it came.
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = ConsoleSession.Lifetime;
        options.SlidingExpiration = false;
        options.LoginPath = Path;
        options.AccessDeniedPath = Path;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = ValidateAsync;
        options.Events.OnRedirectToLogin = context => LeadToSignIn(context, problem: null);
        options.Events.OnRedirectToAccessDenied = context => LeadToSignIn(context, SignInProblem.Role);
    }

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();
        // A link and not a form: of a form's redirects the browser's policy lets none leave this site.
        endpoints.MapGet(ProviderPath + "{provider}", BeginAsync).AllowAnonymous().ExcludeFromDescription();
        endpoints.MapPost(SignOutPath, SignOutAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context,
        [FromForm] string? userName,
        [FromForm] string? password,
        [FromForm] string? returnUrl,
        ConsoleAccounts accounts,
        SignInThrottle throttle,
        TimeProvider time)
    {
        string target = LocalTarget(returnUrl);
        string client = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (!throttle.TryEnter(client))
        {
            return Results.LocalRedirect(Again(SignInProblem.Throttled, target));
        }
        ConsoleAccount? account = await accounts.FindAsync(userName ?? "", password ?? "", context.RequestAborted);
        if (account is null)
        {
            return Results.LocalRedirect(Again(SignInProblem.Password, target));
        }
        throttle.Forget(client);
        await context.SignInAsync(Scheme, ConsoleSession.Begin(account, time.GetUtcNow()));
        return Results.LocalRedirect(target);
    }

    private static async Task BeginAsync(HttpContext context, string provider, string? returnUrl, SignInSettings settings, ILoggerFactory loggers)
    {
        string target = LocalTarget(returnUrl);
        if (settings.Find(provider) is not { } found)
        {
            context.Response.Redirect(Path);
            return;
        }
        try
        {
            await context.ChallengeAsync(found.Scheme, new AuthenticationProperties { RedirectUri = target });
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && ProviderEvents.IsUnreachable(e))
        {
            LogUnreachable(loggers.CreateLogger(typeof(ConsoleSignIn)), provider, ProviderEvents.Reason(e));
            context.Response.Redirect(Again(SignInProblem.Unreachable, target, provider));
        }
    }

    // The form parameter makes the antiforgery middleware check the token.
    private static async Task<IResult> SignOutAsync(
        HttpContext context, [FromForm] string? reason, EndedSessions ended, SignInSettings settings, ILoggerFactory loggers)
    {
        _ = reason;
        string target = Path;
        if (settings.Find(ConsoleSession.ProviderOf(context.User)) is { } provider)
        {
            target = await LeadToProviderAsync(context, provider, loggers);
        }
        if (ConsoleSession.Of(context.User) is { } session)
        {
            await ended.EndAsync(session.Id, session.Until, context.RequestAborted);
        }
        await context.SignOutAsync(Scheme);
        // By a page, since of a form's redirects the browser's policy lets none leave this site.
        return target[0] == '/' ? Results.LocalRedirect(target) : Results.Content(LeavingPage(target), "text/html; charset=utf-8");
    }

    /// <summary>Where the provider signs people out; the sign-in page where it offers no such place.</summary>
    private static async Task<string> LeadToProviderAsync(HttpContext context, SignInProvider provider, ILoggerFactory loggers)
    {
        try
        {
            await context.SignOutAsync(provider.Scheme, new AuthenticationProperties { RedirectUri = Path });
            string location = context.Response.Headers.Location.ToString();
            return Uri.TryCreate(location, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Host.Length > 0
                ? location : Again(SignInProblem.StillSignedIn, null, provider.Name);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && ProviderEvents.IsUnreachable(e))
        {
            LogUnreachable(loggers.CreateLogger(typeof(ConsoleSignIn)), provider.Name, ProviderEvents.Reason(e));
            return Again(SignInProblem.StillSignedIn, null, provider.Name);
        }
        finally
        {
            context.Response.Headers.Location = default;
            context.Response.StatusCode = StatusCodes.Status200OK;
        }
    }

    private static string LeavingPage(string target)
    {
        string address = HtmlEncoder.Default.Encode(target);
        return $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Signing out · GatewayConsole</title><meta http-equiv="refresh" content="0;url={address}"></head>
            <body><p>You are signed out here. <a href="{address}">Sign out of the provider, too</a>.</p></body></html>
            """;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        ConsoleAccounts accounts = context.HttpContext.RequestServices.GetRequiredService<ConsoleAccounts>();
        if (await accounts.CurrentAsync(context.Principal, context.HttpContext.RequestAborted) is { } now)
        {
            context.ReplacePrincipal(now);
        }
        else
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
        }
    }

    // By path alone: the handler's own address holds the Host header, which is whatever a client says.
    private static Task LeadToSignIn(RedirectContext<CookieAuthenticationOptions> context, string? problem)
    {
        HttpRequest request = context.Request;
        if (UnknownUrl.IsAPrograms(request))
        {
            return UnknownUrl.WriteAsync(context.HttpContext);
        }
        string target = LocalTarget(request.PathBase.Add(request.Path).ToUriComponent() + request.QueryString.ToUriComponent());
        context.Response.Redirect(problem is null ? $"{Path}?returnUrl={Uri.EscapeDataString(target)}" : Again(problem, target));
        return Task.CompletedTask;
    }

    /// <summary>The sign-in page with a sentence about what went wrong.</summary>
    /// <param name="provider">Its name, where it was one's.</param>
    public static string Again(string problem, string? returnUrl, string? provider = null) =>
        $"{Path}?problem={problem}{(provider is null ? "" : "&provider=" + provider)}&returnUrl={Uri.EscapeDataString(LocalTarget(returnUrl))}";

    /// <summary>Only paths of this site: <c>//host</c> and <c>/\host</c> would leave it.</summary>
    public static string LocalTarget(string? returnUrl) =>
        returnUrl is { Length: > 0 } && returnUrl[0] == '/' && (returnUrl.Length == 1 || returnUrl[1] is not ('/' or '\\'))
        && !returnUrl.Any(char.IsControl) && !returnUrl.StartsWith(Path, StringComparison.OrdinalIgnoreCase)
            ? returnUrl
            : "/";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-in provider {Provider} does not answer as it should. {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string provider, string reason);
}
