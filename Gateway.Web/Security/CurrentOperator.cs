using Gateway.Web.Administration;
using Gateway.Web.Administration.SignIn;
using Gateway.Web.Components.Controls;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;

namespace Gateway.Web.Security;

/// <summary>
/// Whoever sits before this circuit. Hiding a button is courtesy; asking here before a change is the rule, since a role may
/// be gone while a page is open.
/// </summary>
internal sealed class CurrentOperator(AuthenticationStateProvider authentication, IAuthorizationService authorization, Toasts toasts)
{
    /// <summary>The name for the audit log; null, after telling so, when this person may not make changes (any more).</summary>
    public async Task<Actor?> ActAsync(string policy = ConsolePolicies.Operator)
    {
        AuthenticationState state = await authentication.GetAuthenticationStateAsync();
        if ((await authorization.AuthorizeAsync(state.User, policy)).Succeeded)
        {
            return ConsoleSession.ActorOf(state.User);
        }
        toasts.Failed("You may look, but not change.", "Ask an administrator for the operator role.");
        return null;
    }

    /// <summary>Whether this person may make changes now; says nothing.</summary>
    public async Task<bool> MayAsync(string policy = ConsolePolicies.Operator) =>
        (await authorization.AuthorizeAsync((await authentication.GetAuthenticationStateAsync()).User, policy)).Succeeded;

    /// <summary>Whoever looks, to leave out what is other teams'.</summary>
    public async Task<Actor> LookAsync() => ConsoleSession.ActorOf((await authentication.GetAuthenticationStateAsync()).User);

    /// <summary>What a provider said of whoever sits here; null for the local administrator.</summary>
    public async Task<SignInPerson?> PersonAsync() => ConsoleSession.Of((await authentication.GetAuthenticationStateAsync()).User)?.Person;
}
