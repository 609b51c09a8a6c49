using Gateway.Web.Configuration;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Gateway.Web.Security.Providers;

/// <summary>
/// Sign-in with OpenID Connect: the framework's handler for any provider, and what Microsoft.Identity.Web makes of the section
/// <c>AzureAd</c> for Entra ID. Both take the same rules here: authorization code with PKCE, id tokens validated whole, calls
/// to the provider bounded in time and size.
/// </summary>
internal static class ProviderSignIn
{
    private const int MaxDocumentBytes = 1_048_576;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>What id tokens may be signed with. Asymmetric ones only: with the public key for a secret, HMAC would let anybody sign.</summary>
    public static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static IServiceCollection AddGatewaySignIn(this IServiceCollection services, IConfiguration configuration, GatewaySettings settings)
    {
        SignInSettings signIn = SignInSettings.Read(configuration, settings);
        services.AddSingleton(signIn);
        services.AddSingleton<ProviderEvents>();
        if (signIn.Providers.Count == 0)
        {
            return services;
        }
        // It writes whole messages at its lower levels, and a provider's own words as errors; ProviderEvents says what happened.
        services.AddLogging(logging => logging.AddFilter(typeof(OpenIdConnectHandler).FullName, LogLevel.None).AddFilter("Microsoft.IdentityModel", LogLevel.None));
        // A token signed with a key that is not known yet: the keys are read again, and this sign-in goes on with them.
        AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true);
        AuthenticationBuilder authentication = services.AddAuthentication();
        foreach (SignInProvider provider in signIn.Providers)
        {
            if (provider.IsEntra)
            {
                authentication.AddMicrosoftIdentityWebApp(
                    o =>
                    {
                        configuration.GetSection("AzureAd").Bind(o);
                        o.RequireHttpsMetadata = IsRemote(provider);
                    },
                    configureCookieAuthenticationOptions: null,
                    provider.Scheme,
                    cookieScheme: null,
                    subscribeToOpenIdConnectMiddlewareDiagnosticsEvents: false,
                    provider.DisplayName);
            }
            else
            {
                authentication.AddOpenIdConnect(provider.Scheme, provider.DisplayName, o => o.Authority = provider.Authority);
            }
            services.AddOptions<OpenIdConnectOptions>(provider.Scheme).Configure<ProviderEvents>((o, events) => Configure(o, provider, events));
        }
        return services;
    }

    private static void Configure(OpenIdConnectOptions options, SignInProvider provider, ProviderEvents events)
    {
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ClientSecret;
        options.SignInScheme = ConsoleSignIn.Scheme;
        options.SignOutScheme = ConsoleSignIn.Scheme;
        options.RequireHttpsMetadata = IsRemote(provider);
        options.CallbackPath = provider.CallbackPath;
        options.SignedOutCallbackPath = provider.SignedOutCallbackPath;
        options.SignedOutRedirectUri = ConsoleSignIn.Path;
        // Providers would call it in a frame, where the browser withholds the session's cookie; anybody else could call it, too.
        options.RemoteSignOutPath = PathString.Empty;
        options.Scope.Clear();
        foreach (string scope in provider.Scopes.Prepend("openid"))
        {
            options.Scope.Add(scope);
        }

        options.ResponseType = OpenIdConnectResponseType.Code;
        // The answer comes by a link and not by a foreign form, so that the browser sends the cookies it is bound to.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;

        // Claims by the names that providers give them, also where another handler was put in before.
        options.TokenHandler = new JsonWebTokenHandler { MapInboundClaims = false };
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.UseTokenLifetime = false;
        options.GetClaimsFromUserInfoEndpoint = provider.UserInfo;
        foreach (string claim in new[] { "name", "preferred_username", "email", "email_verified", "roles", provider.GroupsClaim })
        {
            options.ClaimActions.MapJsonKey(claim, claim);
        }
        options.TokenValidationParameters.ValidAlgorithms = Algorithms;
        options.TokenValidationParameters.ClockSkew = ClockSkew;
        options.TokenValidationParameters.RequireSignedTokens = true;
        options.TokenValidationParameters.RequireExpirationTime = true;
        options.TokenValidationParameters.ValidateIssuer = true;
        options.TokenValidationParameters.ValidateIssuerSigningKey = true;
        options.TokenValidationParameters.IssuerValidator = null;
        options.TokenValidationParameters.IssuerValidatorUsingConfiguration = ProviderIssuer.Validate;

        // Ours, and not the machine's proxy settings alone, because of what a provider in trouble may answer with.
        options.Backchannel = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Patience })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = MaxDocumentBytes,
        };
        options.AutomaticRefreshInterval = TimeSpan.FromHours(12);
        // How often unknown keys may make us ask again.
        options.RefreshInterval = TimeSpan.FromSeconds(30);
        options.RefreshOnIssuerKeyNotFound = true;
        events.Subscribe(options.Events, provider);
    }

    private static bool IsRemote(SignInProvider provider) => !new Uri(provider.Authority).IsLoopback;
}
