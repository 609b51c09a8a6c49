using System.Security.Claims;
using Gateway.Web.Administration;
using Gateway.Web.Administration.SignIn;
using Gateway.Web.Configuration;

namespace Gateway.Web.Security;

/// <summary>Who may sign in to the console: the local administrator, and people of providers by the rules. And which sessions are over.</summary>
internal sealed class ConsoleAccounts(
    LocalAdministrator administrator, SignInRulesAdministration rules, SignInSettings settings, EndedSessions ended, TimeProvider time)
{
    /// <summary>Null when name and password do not belong together.</summary>
    public async Task<ConsoleAccount?> FindAsync(string name, string password, CancellationToken cancellationToken)
    {
        if (!settings.Local)
        {
            return null;
        }
        // Verified whatever the name is, so that the time taken does not tell names apart.
        bool verified = await administrator.VerifyAsync(password, cancellationToken);
        return verified && name == LocalAdministrator.UserName
            ? new ConsoleAccount(name, ConsoleRoles.Administrator, await administrator.StampAsync(cancellationToken))
            : null;
    }

    /// <summary>Null when the rules keep <paramref name="person"/> out.</summary>
    public async Task<ConsoleAccount?> FindAsync(SignInProvider provider, SignInPerson person, CancellationToken cancellationToken)
    {
        SignInDecision decision = await rules.DecideAsync(person, cancellationToken);
        return decision.IsIn ? new ConsoleAccount(person.Name, decision.Role, provider.Stamp, decision.Teams, person) : null;
    }

    /// <summary>
    /// Whoever <paramref name="user"/> is by now: the same, or in another role where the rules have changed. Null when the
    /// session is to end: signed out, past its time, of an old password, of a provider that is gone, or of somebody who has
    /// no role any more.
    /// </summary>
    public async Task<ClaimsPrincipal?> CurrentAsync(ClaimsPrincipal? user, CancellationToken cancellationToken)
    {
        if (user is null || ConsoleSession.Of(user) is not { } session || time.GetUtcNow() >= session.Until
            || await ended.ContainsAsync(session.Id, cancellationToken))
        {
            return null;
        }
        if (session.Person is not { } person)
        {
            return settings.Local && session.Stamp == await administrator.StampAsync(cancellationToken) ? user : null;
        }
        if (settings.Find(person.Provider)?.Stamp != session.Stamp)
        {
            return null;
        }
        SignInDecision decision = await rules.DecideAsync(person, cancellationToken);
        bool same = user.FindFirstValue(ClaimTypes.Role) == decision.Role && (ConsoleSession.TeamsOf(user) ?? []).Order().SequenceEqual(decision.Teams.Order());
        return !decision.IsIn ? null : same ? user : ConsoleSession.With(user, decision);
    }
}
