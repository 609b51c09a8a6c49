using System.Buffers.Text;
using System.Security.Cryptography;

namespace Gateway.Web.Administration;

/// <summary>The text of an issued key: <c>ml-</c> and 256 random bits in base64url.</summary>
internal static class NewKey
{
    public const string Start = "ml-";
    private const int VisibleCharacters = 9;

    public static string Make()
    {
        Span<byte> bits = stackalloc byte[32];
        RandomNumberGenerator.Fill(bits);
        return Start + Base64Url.EncodeToString(bits);
    }

    /// <summary>What people recognise a key by; six of 43 random characters give nothing away.</summary>
    public static string PrefixOf(string key) => key.Length <= VisibleCharacters * 2 ? key[..Math.Min(3, key.Length / 3)] : key[..VisibleCharacters];
}
