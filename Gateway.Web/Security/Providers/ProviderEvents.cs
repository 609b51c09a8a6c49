using Gateway.Web.Administration.SignIn;
using Gateway.Web.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Web.Security.Providers;

/// <summary>What happens on the way through a provider: what its handler does not check itself, the role, and every failure, which ends on the sign-in page.</summary>
internal sealed partial class ProviderEvents(
    ConsoleAccounts accounts, SignInSettings settings, TimeProvider time, ILogger<ProviderEvents> logger)
{
    // A token that is larger stays out of the session: signing out at the provider then asks the person.
    private const int MaxIdTokenLength = 16_384;

    // Set once the provider's answer was recognised as the one this browser waits for.
    private const string Recognised = "sign-in.recognised";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    public void Subscribe(OpenIdConnectEvents events, SignInProvider provider)
    {
        Func<RedirectContext, Task> inner = events.OnRedirectToIdentityProvider;
        events.OnRedirectToIdentityProvider = async context =>
        {
            await inner(context);
            if (settings.PublicUrl is { } url)
            {
                context.ProtocolMessage.RedirectUri = url + provider.CallbackPath;
            }
        };
        events.OnRedirectToIdentityProviderForSignOut = context =>
        {
            context.ProtocolMessage.ClientId = provider.ClientId;
            if (settings.PublicUrl is { } url)
            {
                context.ProtocolMessage.PostLogoutRedirectUri = url + provider.SignedOutCallbackPath;
            }
            return Task.CompletedTask;
        };
        events.OnAuthorizationCodeReceived = context =>
        {
            context.HttpContext.Items[Recognised] = true;
            return Task.CompletedTask;
        };
        events.OnTokenValidated = OnTokenValidated;
        events.OnTicketReceived = context => OnTicketReceived(context, provider);
        events.OnRemoteFailure = context => OnRemoteFailure(context, provider);
    }

    private Task OnTokenValidated(TokenValidatedContext context)
    {
        var token = new JsonWebToken(context.TokenEndpointResponse?.IdToken ?? context.ProtocolMessage.IdToken);
        // The handler lets an unsigned token pass that came by the code flow, as the standard allows. Here the way to the
        // provider may lead through somebody else's proxy.
        if (token.EncodedSignature.Length == 0 || !ProviderSignIn.Algorithms.Contains(token.Alg))
        {
            context.Fail(new SecurityTokenInvalidSignatureException("The token is not signed."));
        }
        else if (token.Audiences.Skip(1).Any() && !token.TryGetPayloadValue("azp", out string? _))
        {
            context.Fail(new SecurityTokenInvalidAudienceException("The token is for several audiences and does not say which of them asked for it."));
        }
        else if (token.IssuedAt > (time.GetUtcNow() + ClockSkew).UtcDateTime)
        {
            context.Fail(new SecurityTokenNotYetValidException("The token was issued in the future."));
        }
        else if (token.EncodedToken.Length <= MaxIdTokenLength)
        {
            context.Properties!.StoreTokens([new AuthenticationToken { Name = OpenIdConnectParameterNames.IdToken, Value = token.EncodedToken }]);
        }
        return Task.CompletedTask;
    }

    private async Task OnTicketReceived(TicketReceivedContext context, SignInProvider provider)
    {
        var person = SignInPerson.From(provider, context.Principal!.Claims.Select(c => (c.Type, c.Value)));
        if (await accounts.FindAsync(provider, person, context.HttpContext.RequestAborted) is { } account)
        {
            context.Principal = ConsoleSession.Begin(account, time.GetUtcNow());
            LogSignedIn(person.ActorName, account.Role);
            return;
        }
        LogNoRole(person.ActorName);
        context.HandleResponse();
        context.Response.Redirect(ConsoleSignIn.Again(person.LacksGroups ? SignInProblem.Overage : SignInProblem.NoRole, context.ReturnUri, provider.Name));
    }

    private Task OnRemoteFailure(RemoteFailureContext context, SignInProvider provider)
    {
        string problem = Classify(context.Failure, context.HttpContext.Items.ContainsKey(Recognised));
        LogFailed(provider.Name, problem, Reason(context.Failure));
        context.HandleResponse();
        context.Response.Redirect(ConsoleSignIn.Again(problem, context.Properties?.RedirectUri, provider.Name));
        return Task.CompletedTask;
    }

    private static string Classify(Exception? failure, bool recognised) => failure switch
    {
        OpenIdConnectProtocolInvalidNonceException => SignInProblem.Stale,
        SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenInvalidLifetimeException => SignInProblem.Clock,
        SecurityTokenException or OpenIdConnectProtocolInvalidAtHashException => SignInProblem.Token,
        OpenIdConnectProtocolException when !recognised => failure.Data["error"] as string == "access_denied" ? SignInProblem.Denied : SignInProblem.Refused,
        // The provider did not take the code, or the token lacks what it must hold.
        OpenIdConnectProtocolException => SignInProblem.Exchange,
        _ when IsUnreachable(failure) => SignInProblem.Unreachable,
        _ when recognised => SignInProblem.Exchange,
        _ => SignInProblem.Stale,
    };

    internal static bool IsUnreachable(Exception? failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException or IOException or OperationCanceledException or TimeoutException)
            {
                return true;
            }
        }
        // What the discovery document's reader throws for a document that is none.
        return failure is InvalidOperationException or System.Text.Json.JsonException;
    }

    /// <summary>For the log: what kinds of errors, and of the provider's own words only the code, since texts may hold anything.</summary>
    internal static string Reason(Exception? failure)
    {
        var reasons = new List<string>();
        for (Exception? e = failure; e is not null && reasons.Count < 4; e = e.InnerException)
        {
            string code = e.Data["error"] is string error && error.Length <= 60 && error.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? $"({error})" : "";
            string number = e.Message.StartsWith("IDX", StringComparison.Ordinal) && e.Message.IndexOf(':') is > 0 and < 12 and var colon ? $"[{e.Message[..colon]}]" : "";
            reasons.Add(e.GetType().Name + code + number);
        }
        return string.Join(" < ", reasons);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Person} signed in as {Role}.")]
    private partial void LogSignedIn(string person, string role);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Person} was recognised, but no rule of sign-in gives a role.")]
    private partial void LogNoRole(string person);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Signing in with {Provider} failed: {Problem}. {Reason}")]
    private partial void LogFailed(string provider, string problem, string reason);
}
