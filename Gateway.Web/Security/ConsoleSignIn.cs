using Gateway.Web.Administration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Web.Security;

/// <summary>Signing in and out: plain HTTP endpoints behind the sign-in page's form, and the cookie they set.</summary>
internal static class ConsoleSignIn
{
    public const string Scheme = "console";
    public const string Path = "/login";
    public const string SignOutPath = "/logout";

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
        options.Events.OnRedirectToLogin = LeadToSignIn;
        options.Events.OnRedirectToAccessDenied = LeadToSignIn;
    }

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();
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
            return Results.LocalRedirect(Again("throttled", target));
        }
        ConsoleAccount? account = await accounts.FindAsync(userName ?? "", password ?? "", context.RequestAborted);
        if (account is null)
        {
            return Results.LocalRedirect(Again("refused", target));
        }
        throttle.Forget(client);
        await context.SignInAsync(Scheme, ConsoleSession.Begin(account, time.GetUtcNow()));
        return Results.LocalRedirect(target);
    }

    // The form parameter makes the antiforgery middleware check the token.
    private static async Task<IResult> SignOutAsync(HttpContext context, [FromForm] string? reason, EndedSessions ended)
    {
        _ = reason;
        if (ConsoleSession.Of(context.User) is { } session)
        {
            await ended.EndAsync(session.Id, session.Until, context.RequestAborted);
        }
        await context.SignOutAsync(Scheme);
        return Results.LocalRedirect(Path);
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        ConsoleAccounts accounts = context.HttpContext.RequestServices.GetRequiredService<ConsoleAccounts>();
        if (!await accounts.IsValidAsync(context.Principal, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
        }
    }

    // By path alone: the handler's own address holds the Host header, which is whatever a client says.
    private static Task LeadToSignIn(RedirectContext<CookieAuthenticationOptions> context)
    {
        HttpRequest request = context.Request;
        string target = LocalTarget(request.PathBase.Add(request.Path).ToUriComponent() + request.QueryString.ToUriComponent());
        context.Response.Redirect($"{Path}?returnUrl={Uri.EscapeDataString(target)}");
        return Task.CompletedTask;
    }

    private static string Again(string problem, string returnUrl) =>
        $"{Path}?problem={problem}&returnUrl={Uri.EscapeDataString(returnUrl)}";

    /// <summary>Only paths of this site: <c>//host</c> and <c>/\host</c> would leave it.</summary>
    public static string LocalTarget(string? returnUrl) =>
        returnUrl is { Length: > 0 } && returnUrl[0] == '/' && (returnUrl.Length == 1 || returnUrl[1] is not ('/' or '\\'))
        && !returnUrl.Any(char.IsControl) && !returnUrl.StartsWith(Path, StringComparison.OrdinalIgnoreCase)
            ? returnUrl
            : "/";
}
