using Gateway.Core.Catalog;
using Gateway.Providers.Http;
using Gateway.Providers.Http.Tokens;

namespace Gateway.Providers.Vertex;

/// <summary>
/// Google access tokens: made of the credentials file that is the provider's secret, or of the file that <c>credentials_file</c> or
/// GOOGLE_APPLICATION_CREDENTIALS names; a secret that is no JSON is a ready token and is sent as it is.
/// </summary>
internal sealed class GoogleTokens(UpstreamConnections connections, TimeProvider time)
{
    private const int MaxFileBytes = 65_536;

    private readonly TokenCache _cache = new(time);

    /// <exception cref="HttpRequestException">There is no token to be had; the message is safe to show.</exception>
    public ValueTask<string> GetAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation) =>
        credential is not null && !credential.Secret.TrimStart().StartsWith('{')
            ? new ValueTask<string>(credential.Secret)
            : _cache.GetAsync(provider, credential, token => FetchAsync(provider, credential, token), cancellation);

    private async Task<AccessToken> FetchAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        GoogleCredentials credentials = GoogleCredentials.Parse(credential?.Secret ?? await ReadFileAsync(provider, cancellation));
        return await TokenEndpoint.AskAsync(connections, provider, credentials.TokenUrl, credentials.Form(time.GetUtcNow()), time, cancellation);
    }

    private static async Task<string> ReadFileAsync(Provider provider, CancellationToken cancellation)
    {
        string? path = provider.Settings.GetValueOrDefault("credentials_file") ?? Environment.GetEnvironmentVariable("GOOGLE_APPLICATION_CREDENTIALS");
        if (string.IsNullOrEmpty(path))
        {
            throw new HttpRequestException(
                HttpRequestError.UserAuthenticationError,
                "There are no Google credentials: store a credentials file as the provider's secret, or name one in credentials_file.");
        }
        try
        {
            return new FileInfo(path).Length <= MaxFileBytes ? await File.ReadAllTextAsync(path, cancellation) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new HttpRequestException(HttpRequestError.UserAuthenticationError, "The file with the Google credentials cannot be read.");
        }
    }
}
