using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;

namespace Gateway.Web.Security;

/// <summary>One sign-in, as its cookie says. It lasts twelve hours, whatever is done meanwhile.</summary>
/// <param name="Id">128 random bits, so that this one sign-in can be ended.</param>
internal sealed record ConsoleSession(string Id, DateTimeOffset Until, string Stamp)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const string IdClaim = "session";
    private const string UntilClaim = "until";
    private const string StampClaim = "stamp";

    public static ClaimsPrincipal Begin(ConsoleAccount account, DateTimeOffset now) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, account.Name),
            new Claim(ClaimTypes.Role, account.Role),
            new Claim(StampClaim, account.Stamp),
            new Claim(IdClaim, RandomNumberGenerator.GetHexString(32, lowercase: true)),
            new Claim(UntilClaim, (now + Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        ],
        ConsoleSignIn.Scheme));

    /// <summary>Null when <paramref name="user"/> did not sign in here.</summary>
    public static ConsoleSession? Of(ClaimsPrincipal user) =>
        user.FindFirstValue(IdClaim) is { } id && user.FindFirstValue(StampClaim) is { } stamp
        && long.TryParse(user.FindFirstValue(UntilClaim), NumberStyles.None, CultureInfo.InvariantCulture, out long until)
            ? new ConsoleSession(id, DateTimeOffset.FromUnixTimeSeconds(until), stamp)
            : null;
}
