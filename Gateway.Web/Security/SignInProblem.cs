namespace Gateway.Web.Security;

/// <summary>Why a sign-in ended on the sign-in page again: words in its address, and the sentences that the page says.</summary>
internal static class SignInProblem
{
    public const string Password = "refused";
    public const string Throttled = "throttled";
    public const string Stale = "stale";
    public const string Denied = "denied";
    public const string Refused = "provider-refused";
    public const string Clock = "clock";
    public const string Token = "token";
    public const string Exchange = "exchange";
    public const string Unreachable = "unreachable";
    public const string Role = "role";
    public const string NoRole = "no-role";
    public const string Overage = "too-many-groups";
    public const string StillSignedIn = "still-signed-in";

    /// <summary>Null for a word that is none of these.</summary>
    /// <param name="provider">Its display name.</param>
    public static string? Sentence(string? problem, string provider) => problem switch
    {
        Password => "That name and password do not belong together.",
        Throttled => "Too many tries from this address. Wait five minutes, then try again.",
        Stale => $"This answer of {provider} belongs to no sign-in of this browser, or to one that took too long. Sign in again from here; if it happens again, allow cookies for this site.",
        Denied => $"{provider} was told not to sign you in. Sign in again and agree, or choose another account.",
        Refused => $"{provider} refused to sign you in. Try again; if it stays so, ask an administrator to look at this console's registration there.",
        Clock => $"{provider}'s answer is too old or from the future. Try again; if it stays so, ask an administrator to check the clocks of both servers.",
        Token => $"{provider}'s answer could not be trusted: its signature, issuer or audience is not the expected one. Ask an administrator to check the authority and client id; the gateway's log says more.",
        Exchange => $"{provider} did not complete the sign-in. Try again; if it stays so, ask an administrator to check the client's secret and redirect address; the gateway's log says more.",
        Unreachable => $"{provider} does not answer as it should. Try again in a minute, or sign in another way.",
        Role => "That page is not for your role. Ask an administrator for another one, or sign in as somebody who may see it.",
        NoRole => $"{provider} knows you, but nothing gives you a role in this console. Ask an administrator to add a rule for you, your group or your domain.",
        Overage => $"{provider} knows you, but left out your groups, since you are in more of them than fit. Ask an administrator to assign groups to this application there, or to use its roles.",
        StillSignedIn => $"You are signed out here. {provider} could not be asked to sign you out there, too: do it on its own pages.",
        _ => null,
    };
}
