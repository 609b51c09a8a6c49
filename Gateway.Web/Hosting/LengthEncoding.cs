using System.Text;
using Microsoft.Net.Http.Headers;

namespace Gateway.Web.Hosting;

/// <summary>
/// How the server reads <c>Content-Length</c>: digits and nothing else. It would take <c>+5</c> for 5, and a proxy before it
/// may take it for something else; afterwards nobody sees how it was written, but the encoding of a header's bytes is ours to choose.
/// </summary>
internal sealed class LengthEncoding : Encoding
{
    // What no parser of numbers takes.
    private const char NoDigit = 'x';

    private static readonly LengthEncoding Instance = new();

    private LengthEncoding()
    {
    }

    /// <summary>For the server to ask, once a header: null is the server's own way.</summary>
    public static Encoding? Select(string header) => ReferenceEquals(header, HeaderNames.ContentLength) || header == HeaderNames.ContentLength ? Instance : null;

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        if (bytes.Length > chars.Length)
        {
            chars[0] = NoDigit;
            return 1;
        }
        for (int i = 0; i < bytes.Length; i++)
        {
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : NoDigit;
        }
        return bytes.Length;
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetMaxCharCount(int byteCount) => byteCount;

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);
}
