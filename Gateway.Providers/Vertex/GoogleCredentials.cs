using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Providers.Vertex;

/// <summary>
/// A Google credentials file (service account or authorized user) and the form it posts for a token. Source: RFC 7523 and Google,
/// "Using OAuth 2.0 for Server to Server Applications".
/// </summary>
internal sealed class GoogleCredentials
{
    private const string DefaultTokenUrl = "https://oauth2.googleapis.com/token";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly JsonElement _json;

    private GoogleCredentials(JsonElement json, Uri tokenUrl)
    {
        _json = json;
        TokenUrl = tokenUrl;
    }

    public Uri TokenUrl { get; }

    /// <exception cref="HttpRequestException">It is no such file, or of a kind that is not supported; says which, and nothing of its content.</exception>
    public static GoogleCredentials Parse(string text)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            throw Refused("The Google credentials are not JSON.");
        }
        if (json.ValueKind != JsonValueKind.Object || Text(json, "type") is not ("service_account" or "authorized_user"))
        {
            throw Refused("The Google credentials must be of the type service_account or authorized_user.");
        }
        string url = Text(json, "token_uri") ?? DefaultTokenUrl;
        return UpstreamAddress.IsTokenUrl(url)
            ? new GoogleCredentials(json, new Uri(url))
            : throw Refused("The Google credentials name a token_uri that is not an https:// address.");
    }

    /// <summary>What to post to <see cref="TokenUrl"/>.</summary>
    public KeyValuePair<string, string>[] Form(DateTimeOffset now) => Text(_json, "type") == "service_account"
        ? [new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", Assertion(now))]
        :
        [
            new("grant_type", "refresh_token"),
            new("client_id", Required("client_id")),
            new("client_secret", Required("client_secret")),
            new("refresh_token", Required("refresh_token")),
        ];

    private string Assertion(DateTimeOffset now)
    {
        using RSA key = ReadKey();
        string head = Json(w =>
        {
            w.WriteString("alg", "RS256");
            w.WriteString("typ", "JWT");
            if (Text(_json, "private_key_id") is { } id)
            {
                w.WriteString("kid", id);
            }
        });
        string claims = Json(w =>
        {
            w.WriteString("iss", Required("client_email"));
            w.WriteString("scope", Scope);
            w.WriteString("aud", TokenUrl.OriginalString);
            w.WriteNumber("iat", now.ToUnixTimeSeconds());
            w.WriteNumber("exp", (now + Life).ToUnixTimeSeconds());
        });
        string signed = $"{head}.{claims}";
        byte[] signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }

    private RSA ReadKey()
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(Required("private_key"));
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Refused("The private key in the Google credentials cannot be read.");
        }
    }

    private string Required(string name) => Text(_json, name) ?? throw Refused($"The Google credentials lack {name}.");

    private static string Json(Action<Utf8JsonWriter> members)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return System.Buffers.Text.Base64Url.EncodeToString(output.WrittenSpan);
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static HttpRequestException Refused(string message) => new(HttpRequestError.UserAuthenticationError, message);
}
