using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Core.Accounting;

/// <summary>
/// Adds up the estimated tokens of text that comes as the content of JSON strings, escapes and all, in any number of pieces:
/// it makes no difference where the pieces were cut, but within an escape or a character. No copy, no decoding, no allocation.
/// </summary>
internal struct TextMeasure
{
    private long _score;
    private int _previous;
    private bool _any;

    /// <summary>In 1/<see cref="TextWeights.One"/> of a token.</summary>
    public readonly long Score => _score;

    /// <summary>The content of a JSON string, without the quotes.</summary>
    public void Add(ReadOnlySpan<byte> jsonStringContent)
    {
        ReadOnlySpan<byte> rest = jsonStringContent;
        while (true)
        {
            int escape = rest.IndexOf((byte)'\\');
            if (escape < 0)
            {
                AddPlain(rest);
                return;
            }
            AddPlain(rest[..escape]);
            rest = AddEscape(rest[(escape + 1)..]);
        }
    }

    /// <summary>What follows is another text: it does not continue the last word.</summary>
    public void Break() => _any = false;

    public void Add(in TextMeasure other)
    {
        _score += other._score;
        if (other._any)
        {
            _previous = other._previous;
            _any = true;
        }
    }

    private void AddPlain(ReadOnlySpan<byte> text)
    {
        ref byte kinds = ref MemoryMarshal.GetArrayDataReference(TextWeights.Kinds);
        ref int weights = ref MemoryMarshal.GetArrayDataReference(TextWeights.Weights);
        int previous = Start();
        long score = 0;
        foreach (byte b in text)
        {
            int kind = Unsafe.Add(ref kinds, b);
            score += Unsafe.Add(ref weights, (previous << 4) | kind);
            previous = kind;
        }
        _score += score;
        _previous = previous;
    }

    /// <param name="rest">What follows the backslash.</param>
    private ReadOnlySpan<byte> AddEscape(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return rest;
        }
        if (rest[0] != 'u')
        {
            AddKind(rest[0] is (byte)'n' or (byte)'r' or (byte)'t' or (byte)'f' or (byte)'b' ? TextWeights.LineBreak : TextWeights.Punctuation);
            return rest[1..];
        }
        if (rest.Length >= 5 && Utf8Parser.TryParse(rest.Slice(1, 4), out ushort unit, out int digits, 'x') && digits == 4)
        {
            // Half a pair stands for its whole character; the other half adds nothing.
            Span<byte> utf8 = stackalloc byte[4];
            if (Rune.TryCreate((char)unit, out Rune rune))
            {
                AddPlain(utf8[..rune.EncodeToUtf8(utf8)]);
            }
            else if (char.IsHighSurrogate((char)unit))
            {
                AddPlain("\U0001F600"u8);
            }
            return rest[5..];
        }
        return rest[1..];
    }

    private void AddKind(int kind)
    {
        _score += TextWeights.Weights[(Start() << 4) | kind];
        _previous = kind;
    }

    private int Start()
    {
        int previous = _any ? _previous : TextWeights.Space;
        _any = true;
        return previous;
    }
}
