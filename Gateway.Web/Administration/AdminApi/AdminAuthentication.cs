using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Gateway.Web.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>
/// Who calls the admin API: the holder of the admin key (<c>X-Admin-Key</c>, or <c>Authorization: Bearer</c>), or someone
/// signed in to the console. It answers in problem details and never sends anybody to a sign-in page.
/// </summary>
internal sealed class AdminAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IConfiguration configuration)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "admin-api";

    /// <summary>Claim type of the actor's name in the audit log.</summary>
    public const string ActorClaim = "actor";

    private bool _isForeign;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (PresentedKey() is not { } presented)
        {
            return await FromConsoleAsync();
        }
        if (configuration["Gateway:AdminKey"] is not { Length: > 0 } expected || !Same(presented, expected))
        {
            return AuthenticateResult.Fail("The admin key is wrong.");
        }
        return Accept(Actor.AdminKey, ConsoleRoles.Administrator);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => _isForeign ? AdminProblem.WriteAsync(
        Context, StatusCodes.Status403Forbidden, "With a session only the console's own pages may change things; programs send the admin key.")
        : AdminProblem.WriteAsync(Context, StatusCodes.Status401Unauthorized, "Send the admin key as X-Admin-Key, or sign in to the console. The key is set with Gateway:AdminKey (ADMIN_API_KEY); an API key does not do.");

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => AdminProblem.WriteAsync(
        Context, StatusCodes.Status403Forbidden, "The admin API is for administrators.");

    private async Task<AuthenticateResult> FromConsoleAsync()
    {
        AuthenticateResult session = await Context.AuthenticateAsync(ConsoleSignIn.Scheme);
        if (session.Principal is not { } person)
        {
            return AuthenticateResult.NoResult();
        }
        // A browser adds the cookie to whatever page asks; there is no token, so the page's origin must show.
        _isForeign = !(HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method)) && !SameOrigin.IsProven(Request);
        return _isForeign ? AuthenticateResult.Fail("Another origin asked with this session.")
            : Accept(ConsoleSession.ActorOf(person), person.FindFirstValue(ClaimTypes.Role) ?? "");
    }

    private static AuthenticateResult Accept(Actor actor, string role)
    {
        var identity = new ClaimsIdentity([new Claim(ActorClaim, actor.Name), new Claim(ClaimTypes.Role, role)], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    private string? PresentedKey()
    {
        if (Request.Headers["X-Admin-Key"].ToString() is { Length: > 0 } key)
        {
            return key;
        }
        string authorization = Request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..].Trim() : null;
    }

    // Compared as digests, so that neither length nor content shows in the time taken.
    private static bool Same(string presented, string expected) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(presented)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}
