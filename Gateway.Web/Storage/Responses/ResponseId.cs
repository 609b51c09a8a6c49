using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Web.Storage.Responses;

/// <summary>How answers are found: by the key that asked and the answer's id together, so that no key ever finds another's.</summary>
internal static class ResponseId
{
    private const string Prefix = "resp_";

    /// <summary>Hexadecimal, 64 digits, whatever an upstream calls its answers.</summary>
    public static string Of(string keyId, string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{keyId}\n{id}")));

    /// <summary>When an answer of a gateway's own was made: its id holds a UUID of version 7. Null for all others.</summary>
    public static DateTimeOffset? TimeOf(string id) =>
        id.Length == Prefix.Length + 32
        && id.StartsWith(Prefix, StringComparison.Ordinal)
        && id[Prefix.Length + 12] == '7'
        && long.TryParse(id.AsSpan(Prefix.Length, 12), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long ms)
        && ms < 250_000_000_000_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;
}
