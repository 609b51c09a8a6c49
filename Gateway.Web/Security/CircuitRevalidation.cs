using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Gateway.Web.Security;

/// <summary>
/// Asks every few seconds whether the person behind an open page may still be there, and in which role. A circuit lives on one connection, so
/// the cookie's own check does not reach it.
/// </summary>
internal sealed class CircuitRevalidation(ILoggerFactory loggers, ConsoleAccounts accounts)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(4);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        ClaimsPrincipal? now = await accounts.CurrentAsync(authenticationState.User, cancellationToken);
        if (now is not null && now != authenticationState.User)
        {
            // Draws the page anew for the other role, and begins to watch that one.
            SetAuthenticationState(Task.FromResult(new AuthenticationState(now)));
        }
        return now is not null;
    }
}
