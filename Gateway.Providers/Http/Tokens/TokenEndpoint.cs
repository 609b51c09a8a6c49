using System.Globalization;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Providers.Http.Tokens;

/// <summary>Asks an OAuth 2 token endpoint (RFC 6749), through the provider's own connections and so under their address rules.</summary>
internal static class TokenEndpoint
{
    private const int MaxBytes = 65_536;

    // Where an endpoint does not say: RFC 6749 leaves it open, Entra ID and Google give an hour.
    private const int AssumedSeconds = 300;

    /// <exception cref="HttpRequestException">
    /// <see cref="HttpRequestError.UserAuthenticationError"/> when it refuses the credential. No message holds a secret.
    /// </exception>
    public static async Task<AccessToken> AskAsync(
        UpstreamConnections connections,
        Provider provider,
        Uri url,
        IEnumerable<KeyValuePair<string, string>> form,
        TimeProvider time,
        CancellationToken cancellation)
    {
        using HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Post, url);
        request.Content = new FormUrlEncodedContent(form);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        using HttpResponseMessage response = await connections.For(provider).SendAsync(request, cancellation);
        await response.Content.LoadIntoBufferAsync(MaxBytes, cancellation);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellation);
        int status = (int)response.StatusCode;
        JsonElement answer = Parse(body);
        if (status is >= 200 and < 300 && Text(answer, "access_token") is { Length: > 0 } token)
        {
            return new AccessToken(token, time.GetUtcNow().AddSeconds(Seconds(answer)));
        }
        string code = Code(answer) is { } named ? $" ({named})" : "";
        throw status is 400 or 401 or 403
            ? new HttpRequestException(HttpRequestError.UserAuthenticationError, $"The token endpoint {url.Host} refuses the credential{code}.")
            : new HttpRequestException(HttpRequestError.InvalidResponse, $"The token endpoint {url.Host} answered with status {status} and no token{code}.");
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static int Seconds(JsonElement answer)
    {
        if (answer.TryGetProperty("expires_in", out JsonElement value))
        {
            // Some endpoints send it as a string.
            string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds > 0)
            {
                return seconds;
            }
        }
        return AssumedSeconds;
    }

    /// <summary>OAuth's <c>error</c> and Entra ID's first error number: names out of fixed lists, which cannot hold a secret.</summary>
    private static string? Code(JsonElement answer)
    {
        string? error = Text(answer, "error");
        if (error is null || error.Length > 60 || error.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')))
        {
            return null;
        }
        return answer.TryGetProperty("error_codes", out JsonElement codes) && codes.ValueKind == JsonValueKind.Array
            && codes.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Number } number
            ? $"{error}, AADSTS{number.GetRawText()}"
            : error;
    }

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
