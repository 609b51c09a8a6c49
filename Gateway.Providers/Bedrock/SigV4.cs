using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Providers.Bedrock;

/// <summary>
/// AWS Signature Version 4, in headers. Source: AWS, "Create a signed AWS API request" (IAM User Guide); the tests use the vectors
/// that AWS publishes.
/// </summary>
internal static class SigV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Signs a request: adds <c>X-Amz-Date</c>, the session token if there is one, and <c>Authorization</c>.</summary>
    /// <param name="request">Complete but for the signature; its content type is signed too.</param>
    /// <param name="payload">The very bytes of the body.</param>
    public static void Sign(HttpRequestMessage request, ReadOnlySpan<byte> payload, AwsKeys keys, string region, string service, DateTimeOffset now)
    {
        Uri url = request.RequestUri!;
        var headers = new List<KeyValuePair<string, string>> { new("host", url.Authority), new("x-amz-date", Timestamp(now)) };
        if (request.Content?.Headers.ContentType is { } type)
        {
            headers.Add(new("content-type", type.ToString()));
        }
        if (keys.SessionToken is { } token)
        {
            headers.Add(new("x-amz-security-token", token));
            request.Headers.TryAddWithoutValidation("X-Amz-Security-Token", token);
        }
        request.Headers.TryAddWithoutValidation("X-Amz-Date", Timestamp(now));
        string authorization = Authorization(
            request.Method.Method, url.AbsolutePath, url.Query.TrimStart('?'), headers, Hash(payload), keys, region, service, now);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
    }

    /// <summary>The value of the <c>Authorization</c> header.</summary>
    /// <param name="path">As it is sent, that is encoded already: services other than S3 sign it encoded once more.</param>
    /// <param name="query">As it is sent, without the question mark.</param>
    /// <param name="headers">Those to sign, names in lower case, <c>host</c> and <c>x-amz-date</c> among them.</param>
    /// <param name="payloadHash">Lower-case hexadecimal SHA-256 of the body.</param>
    public static string Authorization(
        string method,
        string path,
        string query,
        IEnumerable<KeyValuePair<string, string>> headers,
        string payloadHash,
        AwsKeys keys,
        string region,
        string service,
        DateTimeOffset now)
    {
        KeyValuePair<string, string>[] sorted = [.. headers.OrderBy(h => h.Key, StringComparer.Ordinal)];
        string signed = string.Join(';', sorted.Select(h => h.Key));
        var canonical = new StringBuilder();
        canonical.Append(method).Append('\n').Append(Encode(path, keepSlash: true)).Append('\n').Append(CanonicalQuery(query)).Append('\n');
        foreach ((string name, string value) in sorted)
        {
            canonical.Append(name).Append(':').Append(Folded(value)).Append('\n');
        }
        canonical.Append('\n').Append(signed).Append('\n').Append(payloadHash);
        string day = now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        string scope = $"{day}/{region}/{service}/aws4_request";
        string toSign = $"{Algorithm}\n{Timestamp(now)}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical.ToString()))}";
        string signature = Convert.ToHexStringLower(Keyed(SigningKey(keys.SecretAccessKey, day, region, service), toSign));
        return $"{Algorithm} Credential={keys.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}";
    }

    private static byte[] SigningKey(string secret, string day, string region, string service) =>
        Keyed(Keyed(Keyed(Keyed(Encoding.UTF8.GetBytes("AWS4" + secret), day), region), service), "aws4_request");

    private static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Timestamp(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string CanonicalQuery(string query)
    {
        IEnumerable<(string Name, string Value)> parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2))
            .Select(p => (Encode(Uri.UnescapeDataString(p[0]), keepSlash: false), p.Length > 1 ? Encode(Uri.UnescapeDataString(p[1]), keepSlash: false) : ""));
        return string.Join('&', parameters.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}"));
    }

    /// <summary>Everything but RFC 3986's unreserved characters as <c>%XX</c> in capitals.</summary>
    private static string Encode(string text, bool keepSlash)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (keepSlash && b == '/'))
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }
        return encoded.ToString();
    }

    /// <summary>Without space at the ends, and each run of spaces within as one.</summary>
    private static string Folded(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
