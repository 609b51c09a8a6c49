using System.Globalization;
using System.Text;

namespace Gateway.Core.Guardrails;

/// <summary>
/// Text as the symbols that words are compared by: characters in upper case, a run of white space as one blank, a
/// <see cref="Boundary"/> wherever a word begins or ends, and nothing for what cannot be seen (format characters). A letter of a
/// script that is written without spaces between words stands for a word of its own.
/// </summary>
internal struct WordSymbols
{
    /// <summary>What one character may come to at most.</summary>
    public const int Most = 8;

    public const char Boundary = '\0';

    // So much white space is no space between words any more, and what is held back for it must end somewhere.
    private const int LongestGap = 32;
    private const char Blank = ' ';

    private Kind _before;
    private int _gap;
    private char _high;

    private enum Kind : byte
    {
        Other,
        Word,
        Alone,
    }

    /// <summary>Half of a character was read, and the other half was not.</summary>
    public readonly bool IsHalf => _high != 0;

    /// <param name="symbols">Room for <see cref="Most"/>.</param>
    /// <returns>How many symbols the character came to.</returns>
    public int Read(char next, Span<char> symbols)
    {
        int count = 0;
        if (_high != 0)
        {
            char high = _high;
            _high = default;
            if (char.IsLowSurrogate(next))
            {
                Add(new Rune(high, next), symbols, ref count);
                return count;
            }
            Add(Rune.ReplacementChar, symbols, ref count);
        }
        if (char.IsHighSurrogate(next))
        {
            _high = next;
            return count;
        }
        Add(char.IsSurrogate(next) || next == Boundary ? Rune.ReplacementChar : new Rune(next), symbols, ref count);
        return count;
    }

    /// <summary>The text ends here.</summary>
    public int End(Span<char> symbols)
    {
        int count = 0;
        if (_high != 0)
        {
            _high = default;
            Add(Rune.ReplacementChar, symbols, ref count);
        }
        Bound(Kind.Other, symbols, ref count);
        _gap = 0;
        return count;
    }

    private void Add(Rune next, Span<char> symbols, ref int count)
    {
        if (Rune.IsWhiteSpace(next))
        {
            Bound(Kind.Other, symbols, ref count);
            if (_gap++ % LongestGap == 0)
            {
                symbols[count++] = Blank;
            }
            return;
        }
        Kind kind = KindOf(next, out bool seen);
        if (!seen)
        {
            return;
        }
        _gap = 0;
        Bound(kind, symbols, ref count);
        count += Rune.ToUpperInvariant(next).EncodeToUtf16(symbols[count..]);
    }

    private void Bound(Kind next, Span<char> symbols, ref int count)
    {
        if ((_before, next) is not ((Kind.Other, Kind.Other) or (Kind.Word, Kind.Word)))
        {
            symbols[count++] = Boundary;
        }
        _before = next;
    }

    private static Kind KindOf(Rune rune, out bool seen)
    {
        seen = true;
        if (rune.IsAscii)
        {
            return char.IsAsciiLetterOrDigit((char)rune.Value) ? Kind.Word : Kind.Other;
        }
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        seen = category != UnicodeCategory.Format;
        bool letter = Rune.IsLetterOrDigit(rune)
            || category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
        return !letter ? Kind.Other : IsUnspaced(rune.Value) ? Kind.Alone : Kind.Word;
    }

    // Thai and Lao, Myanmar, Khmer, kana and Han, kana of half width, further Han.
    private static bool IsUnspaced(int c) => c is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
        or (>= 0x3005 and <= 0x3007) or (>= 0x3040 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFF66 and <= 0xFF9F) or (>= 0x20000 and <= 0x3FFFF);
}
