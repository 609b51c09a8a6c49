using System.Buffers;
using System.Text;

namespace Gateway.Core.Guardrails;

/// <summary>
/// Words and phrases that are not passed on, as one automaton (Aho-Corasick) over the symbols of <see cref="WordSymbols"/>: text
/// is read once, however many there are. Immutable.
/// </summary>
/// <remarks>
/// A boundary between words is a symbol of its own, in the text and in the words; so that a whole word is found as any other run
/// of symbols is, and what only begins like one is known to be open until its next character.
/// </remarks>
public sealed class BannedWords
{
    public const int MostWords = 1000;

    /// <summary>Of a single word or phrase, in characters.</summary>
    public const int MostLength = 200;

    private readonly Dictionary<long, int> _next = [];
    private readonly List<int> _fail = [0];
    private readonly List<int> _depth = [0];
    // The longest word that ends here, in symbols; 0 is none.
    private readonly List<int> _found = [0];
    private readonly SearchValues<char> _first;

    private BannedWords(IEnumerable<string> words)
    {
        var first = new HashSet<char>();
        foreach (string word in words)
        {
            // Half a surrogate pair cannot be normalized.
            string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(word));
            foreach (NormalizationForm form in (ReadOnlySpan<NormalizationForm>)[NormalizationForm.FormC, NormalizationForm.FormD])
            {
                List<char> symbols = SymbolsOf(whole.Normalize(form));
                if (symbols.Count > 0)
                {
                    first.Add(symbols[0]);
                    Add(symbols);
                }
            }
        }
        _first = SearchValues.Create([.. first]);
        Link();
    }

    /// <summary>In symbols.</summary>
    internal int Longest { get; private set; }

    /// <summary>The words, trimmed and without empty ones; null where none is left.</summary>
    public static BannedWords? Of(IEnumerable<string> words)
    {
        string[] kept = [.. words.Select(w => w.Trim()).Where(w => w.Length > 0)];
        return kept.Length == 0 ? null : new BannedWords(kept);
    }

    /// <summary>Whether a text as a whole holds one.</summary>
    public bool AreIn(ReadOnlySpan<char> text)
    {
        var scan = new WordScan(this);
        return scan.Read(text) || scan.End();
    }

    /// <summary>The state after a further symbol.</summary>
    internal int Step(int state, char symbol)
    {
        while (true)
        {
            if (state == 0 && !_first.Contains(symbol))
            {
                return 0;
            }
            if (_next.TryGetValue(Key(state, symbol), out int next))
            {
                return next;
            }
            if (state == 0)
            {
                return 0;
            }
            state = _fail[state];
        }
    }

    /// <summary>How many symbols of a word that may go on the state stands for.</summary>
    internal int DepthOf(int state) => _depth[state];

    /// <summary>How many symbols the word has that ends with the state; 0 for none.</summary>
    internal int FoundAt(int state) => _found[state];

    private static long Key(int state, char symbol) => ((long)state << 16) | symbol;

    private static List<char> SymbolsOf(string word)
    {
        var symbols = new WordSymbols();
        var all = new List<char>(word.Length + 8);
        Span<char> some = stackalloc char[WordSymbols.Most];
        foreach (char c in word)
        {
            all.AddRange(some[..symbols.Read(c, some)]);
        }
        all.AddRange(some[..symbols.End(some)]);
        return all;
    }

    private void Add(List<char> symbols)
    {
        int state = 0;
        foreach (char symbol in symbols)
        {
            if (!_next.TryGetValue(Key(state, symbol), out int next))
            {
                next = _fail.Count;
                _next.Add(Key(state, symbol), next);
                _fail.Add(0);
                _depth.Add(_depth[state] + 1);
                _found.Add(0);
            }
            state = next;
        }
        _found[state] = symbols.Count;
        Longest = Math.Max(Longest, symbols.Count);
    }

    // By depth: a state's failure is nearer to the root than itself, and known by then.
    private void Link()
    {
        foreach ((long key, int state) in _next.OrderBy(n => _depth[n.Value]).Select(n => (n.Key, n.Value)))
        {
            int parent = (int)(key >> 16);
            if (parent != 0)
            {
                _fail[state] = Step(_fail[parent], (char)(key & 0xFFFF));
            }
            _found[state] = Math.Max(_found[state], _found[_fail[state]]);
        }
    }
}
