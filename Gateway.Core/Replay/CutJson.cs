using System.Buffers;
using System.Text;

namespace Gateway.Core.Replay;

/// <summary>Makes JSON that breaks off somewhere into a document again, so that it can be read by name like any other.</summary>
internal static class CutJson
{
    private const byte Escape = (byte)'\\';

    /// <summary>The beginning of a JSON text with its strings, objects and arrays closed where it ends; not JSON if the beginning is not.</summary>
    public static byte[] Close(ReadOnlySpan<byte> json)
    {
        var open = new Stack<byte>();
        bool inString = false, isName = false, expectsName = false;
        int end = 0;
        for (int i = 0; i < json.Length; i++)
        {
            byte b = json[i];
            if (inString)
            {
                if (b == Escape)
                {
                    int length = EscapeLength(json[i..]);
                    if (length == 0)
                    {
                        json = json[..i];
                        break;
                    }
                    i += length - 1;
                }
                else if (b == (byte)'"')
                {
                    (inString, end) = (false, i + 1);
                }
                continue;
            }
            switch (b)
            {
                case (byte)'"':
                    (inString, isName) = (true, expectsName);
                    expectsName = false;
                    break;
                case (byte)'{' or (byte)'[':
                    open.Push(b);
                    (end, expectsName, isName) = (i + 1, b == (byte)'{', false);
                    break;
                case (byte)'}' or (byte)']':
                    open.TryPop(out _);
                    (end, expectsName, isName) = (i + 1, false, false);
                    break;
                case (byte)',':
                    // What was before it is whole, numbers too; the comma itself only counts with what follows.
                    (end, expectsName, isName) = (i, open.TryPeek(out byte container) && container == (byte)'{', false);
                    break;
            }
        }
        var closed = new List<byte>(json.Length + 16);
        if (inString)
        {
            closed.AddRange(WholeCharacters(json));
            closed.Add((byte)'"');
        }
        else
        {
            closed.AddRange(json[..end]);
        }
        if (isName)
        {
            closed.AddRange(":null"u8);
        }
        while (open.TryPop(out byte container))
        {
            closed.Add(container == (byte)'{' ? (byte)'}' : (byte)']');
        }
        return [.. closed];
    }

    // 0 when it is not whole.
    private static int EscapeLength(ReadOnlySpan<byte> text)
    {
        int length = text.Length > 1 && text[1] == (byte)'u' ? 6 : 2;
        return text.Length >= length ? length : 0;
    }

    private static ReadOnlySpan<byte> WholeCharacters(ReadOnlySpan<byte> text)
    {
        for (int back = 1; back <= Math.Min(4, text.Length); back++)
        {
            byte b = text[^back];
            if ((b & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(text[^back..], out _, out _) == OperationStatus.Done ? text : text[..^back];
            }
        }
        return text;
    }
}
