using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Gateway.Web.Security;

/// <summary>
/// Asks every few seconds whether the person behind an open page may still be there. A circuit lives on one connection, so
/// the cookie's own check does not reach it.
/// </summary>
internal sealed class CircuitRevalidation(ILoggerFactory loggers, ConsoleAccounts accounts)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(4);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        await accounts.IsValidAsync(authenticationState.User, cancellationToken);
}
