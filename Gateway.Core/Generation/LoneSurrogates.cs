using System.Buffers.Text;

namespace Gateway.Core.Generation;

/// <summary>
/// Finds escapes of half a character (<c>\ud83d</c> without its other half) in JSON. They are valid JSON, some servers stream
/// them where an emoji falls between two tokens, and no .NET string can be made of them.
/// </summary>
internal static class LoneSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>The same JSON with the replacement character in their place; null when there are none, which is nearly always.</summary>
    public static byte[]? Replace(ReadOnlySpan<byte> json)
    {
        byte[]? changed = null;
        int at = 0;
        while (json[at..].IndexOf((byte)'\\') is >= 0 and var found)
        {
            at += found;
            int unit = UnitAt(json, at);
            if (unit < 0)
            {
                // Another escape; what it escapes may be a backslash.
                at = Math.Min(at + 2, json.Length);
                continue;
            }
            bool pair = IsHigh(unit) && UnitAt(json, at + EscapeLength) is >= 0xDC00 and <= 0xDFFF;
            if (!pair && unit is >= 0xD800 and <= 0xDFFF)
            {
                changed ??= json.ToArray();
                "\\ufffd"u8.CopyTo(changed.AsSpan(at));
            }
            at += pair ? 2 * EscapeLength : EscapeLength;
        }
        return changed;
    }

    private static bool IsHigh(int unit) => unit is >= 0xD800 and <= 0xDBFF;

    /// <summary>The number in a <c>\uXXXX</c> that begins there; -1 for anything else.</summary>
    private static int UnitAt(ReadOnlySpan<byte> json, int at) =>
        at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
        && Utf8Parser.TryParse(json.Slice(at + 2, 4), out int unit, out int read, 'X') && read == 4 ? unit : -1;
}
