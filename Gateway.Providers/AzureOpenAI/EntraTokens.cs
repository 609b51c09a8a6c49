using Gateway.Core.Catalog;
using Gateway.Providers.Http;
using Gateway.Providers.Http.Tokens;

namespace Gateway.Providers.AzureOpenAI;

/// <summary>
/// Entra ID tokens of an app registration: OAuth 2 client credentials, the provider's credential being the client secret. Source:
/// Microsoft identity platform, "OAuth 2.0 client credentials flow".
/// </summary>
internal sealed class EntraTokens(UpstreamConnections connections, TimeProvider time)
{
    private const string DefaultAuthority = "https://login.microsoftonline.com";
    private const string DefaultScope = "https://cognitiveservices.azure.com/.default";

    private readonly TokenCache _cache = new(time);

    /// <summary>Whether the provider's credentials are client secrets, not API keys.</summary>
    public static bool Wants(Provider provider) => provider.Settings.ContainsKey("tenant_id");

    /// <exception cref="HttpRequestException">There is no token to be had; the message is safe to show.</exception>
    public ValueTask<string> GetAsync(Provider provider, CredentialDefinition credential, CancellationToken cancellation) =>
        _cache.GetAsync(provider, credential, token => FetchAsync(provider, credential, token), cancellation);

    private Task<AccessToken> FetchAsync(Provider provider, CredentialDefinition credential, CancellationToken cancellation)
    {
        string authority = provider.Settings.GetValueOrDefault("authority", DefaultAuthority).TrimEnd('/');
        var url = new Uri($"{authority}/{Uri.EscapeDataString(provider.Settings["tenant_id"])}/oauth2/v2.0/token");
        return TokenEndpoint.AskAsync(
            connections,
            provider,
            url,
            [
                new("grant_type", "client_credentials"),
                new("client_id", provider.Settings.GetValueOrDefault("client_id", "")),
                new("client_secret", credential.Secret),
                new("scope", provider.Settings.GetValueOrDefault("scope", DefaultScope)),
            ],
            time,
            cancellation);
    }
}
