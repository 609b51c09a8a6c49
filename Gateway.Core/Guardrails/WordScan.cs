namespace Gateway.Core.Guardrails;

/// <summary>
/// Looks for banned words in one text that arrives in any pieces, and knows which end of it may still become one. Positions count
/// characters from wherever the caller counts. Used by one task at a time.
/// </summary>
internal sealed class WordScan(BannedWords words)
{
    // Where the last symbols stand in the text, as many as the longest word has.
    private readonly long[] _places = new long[words.Longest + WordSymbols.Most];
    private WordSymbols _symbols;
    private long _count;
    private int _state;
    private long _half;

    /// <summary>The position where the word begins that was found.</summary>
    public long FoundAt { get; private set; }

    /// <summary>Reads more of the text. True when it holds a word; nothing is to be read after that.</summary>
    /// <param name="from">The position of the first character.</param>
    public bool Read(ReadOnlySpan<char> text, long from = 0)
    {
        Span<char> symbols = stackalloc char[WordSymbols.Most];
        for (int i = 0; i < text.Length; i++)
        {
            bool half = _symbols.IsHalf;
            if (Take(symbols[.._symbols.Read(text[i], symbols)], half ? _half : from + i))
            {
                return true;
            }
            _half = from + i;
        }
        return false;
    }

    /// <summary>The text ends here, and with it a word that was only waiting for its next character; another text may follow.</summary>
    /// <param name="at">The position behind the last character.</param>
    public bool End(long at = 0)
    {
        Span<char> symbols = stackalloc char[WordSymbols.Most];
        bool found = Take(symbols[.._symbols.End(symbols)], at);
        _state = 0;
        return found;
    }

    /// <summary>The position from which on the text may be the beginning of a word; null if no word is open.</summary>
    public long? OpenFrom => words.DepthOf(_state) is > 0 and var depth ? PlaceOf(depth) : _symbols.IsHalf ? _half : null;

    private bool Take(ReadOnlySpan<char> symbols, long place)
    {
        foreach (char symbol in symbols)
        {
            _places[_count++ % _places.Length] = place;
            _state = words.Step(_state, symbol);
            if (words.FoundAt(_state) is > 0 and var length)
            {
                FoundAt = PlaceOf(length);
                return true;
            }
        }
        return false;
    }

    private long PlaceOf(int depth) => _places[(_count - depth) % _places.Length];
}
