using System.Security.Claims;
using Gateway.Web.Administration;

namespace Gateway.Web.Security;

/// <summary>Who may sign in to the console: the local administrator.</summary>
internal sealed class ConsoleAccounts(LocalAdministrator administrator)
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

    /// <summary>False when the session behind <paramref name="user"/> is to end.</summary>
    public async Task<bool> IsValidAsync(ClaimsPrincipal? user, CancellationToken cancellationToken) =>
        user?.FindFirstValue(ConsoleSignIn.StampClaim) is { } stamp && stamp == await administrator.StampAsync(cancellationToken);
}
