using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Gateway.Web.Administration;
using Gateway.Web.Administration.SignIn;

namespace Gateway.Web.Security;

/// <summary>One sign-in, as its ticket says. It lasts twelve hours, whatever is done meanwhile.</summary>
/// <param name="Id">128 random bits, so that this one sign-in can be ended.</param>
/// <param name="Person">What a provider said when it began; null for the local administrator.</param>
internal sealed record ConsoleSession(string Id, DateTimeOffset Until, string Stamp, SignInPerson? Person)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const string IdClaim = "session";
    private const string UntilClaim = "until";
    private const string StampClaim = "stamp";
    private const string TeamClaim = "team";
    private const string ProviderClaim = "provider";

    // Before the name of what the provider said, so that none of it passes for a claim of ours.
    private const string Said = "said:";

    public static ClaimsPrincipal Begin(ConsoleAccount account, DateTimeOffset now) => Principal(
        account.Name,
        account.Role,
        account.Teams ?? [],
        [
            new Claim(StampClaim, account.Stamp),
            new Claim(IdClaim, RandomNumberGenerator.GetHexString(32, lowercase: true)),
            new Claim(UntilClaim, (now + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            .. account.Person is null ? [] : account.Person.Claims.Select(c => new Claim(Said + c.Type, c.Value)).Prepend(new Claim(ProviderClaim, account.Person.Provider)),
        ]);

    /// <summary>The same session in the role that the rules give by now.</summary>
    public static ClaimsPrincipal With(ClaimsPrincipal user, SignInDecision decision) => Principal(
        user.Identity?.Name ?? "", decision.Role, decision.Teams, user.Claims.Where(c => c.Type is not (ClaimTypes.Name or ClaimTypes.Role or TeamClaim)));

    /// <summary>Null when <paramref name="user"/> did not sign in here.</summary>
    public static ConsoleSession? Of(ClaimsPrincipal user) =>
        user.FindFirstValue(IdClaim) is { } id && user.FindFirstValue(StampClaim) is { } stamp
        && long.TryParse(user.FindFirstValue(UntilClaim), NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            ? new ConsoleSession(id, DateTimeOffset.FromUnixTimeSeconds(until), stamp, PersonOf(user))
            : null;

    /// <summary>Who this is in the audit log, and what may be changed.</summary>
    public static Actor ActorOf(ClaimsPrincipal user) =>
        new(PersonOf(user)?.ActorName ?? $"console:{user.Identity?.Name}", TeamsOf(user));

    /// <summary>Ids of the only teams whose operator this is; null for everybody else.</summary>
    public static IReadOnlyList<string>? TeamsOf(ClaimsPrincipal user) =>
        user.HasClaim(ClaimTypes.Role, ConsoleRoles.TeamOperator) ? [.. user.FindAll(TeamClaim).Select(c => c.Value)] : null;

    /// <summary>The name of the provider that was signed in with; null for the local administrator.</summary>
    public static string? ProviderOf(ClaimsPrincipal user) => user.FindFirstValue(ProviderClaim);

    private static SignInPerson? PersonOf(ClaimsPrincipal user) => ProviderOf(user) is { } provider
        ? new SignInPerson(provider, [.. user.Claims.Where(c => c.Type.StartsWith(Said, StringComparison.Ordinal)).Select(c => (c.Type[Said.Length..], c.Value))])
        : null;

    private static ClaimsPrincipal Principal(string name, string role, IEnumerable<string> teams, IEnumerable<Claim> further) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role), .. teams.Select(t => new Claim(TeamClaim, t)), .. further],
        ConsoleSignIn.Scheme));
}
