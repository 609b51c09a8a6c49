using System.Text;
using System.Text.Encodings.Web;

namespace Gateway.Core.Catalog;

internal static class JsonText
{
    /// <summary>A JSON string in UTF-8, quotes included, escaping no more than JSON asks.</summary>
    public static byte[] Encode(string text) =>
        [.. "\""u8, .. Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)), .. "\""u8];
}
