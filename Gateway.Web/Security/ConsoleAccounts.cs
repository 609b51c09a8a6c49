using System.Security.Claims;
using Gateway.Web.Administration;

namespace Gateway.Web.Security;

/// <summary>Who may sign in to the console: the local administrator. And which sessions are over.</summary>
internal sealed class ConsoleAccounts(LocalAdministrator administrator, EndedSessions ended, TimeProvider time)
{
    /// <summary>Null when name and password do not belong together.</summary>
    public async Task<ConsoleAccount?> FindAsync(string name, string password, CancellationToken cancellationToken)
    {
        // Verified whatever the name is, so that the time taken does not tell names apart.
        bool verified = await administrator.VerifyAsync(password, cancellationToken);
        return verified && name == LocalAdministrator.UserName
            ? new ConsoleAccount(name, ConsoleRoles.Administrator, await administrator.StampAsync(cancellationToken))
            : null;
    }

    /// <summary>False when the session behind <paramref name="user"/> is to end: signed out, past its time, or of an old password.</summary>
    public async Task<bool> IsValidAsync(ClaimsPrincipal? user, CancellationToken cancellationToken) =>
        user is not null && ConsoleSession.Of(user) is { } session
        && time.GetUtcNow() < session.Until
        && session.Stamp == await administrator.StampAsync(cancellationToken)
        && !await ended.ContainsAsync(session.Id, cancellationToken);
}
