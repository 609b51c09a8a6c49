using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Core.Failover.Translated;

/// <summary>
/// A stream that the client is getting, with what is needed to go on with it from another backend if it breaks: the text so far,
/// and the encoder in the middle of its work. Only plain text can be gone on with: half a tool call, or what was promised in
/// a format, cannot. Used by one task at a time.
/// </summary>
internal sealed class ResumableAnswer(StreamEncoder encoder, GenerationRequest request)
{
    // Nobody goes on with a book.
    private const int MostCharacters = 1 << 20;

    private readonly StringBuilder _text = new();
    private readonly List<StreamEvent> _mapped = [];
    private readonly Dictionary<int, int> _parts = [];
    private bool _unresumable = request.Output is not null || request.Sampling.Logprobs == true;
    private int _started;
    private int _open = -1;

    // Of the continuation: how much of the text so far it has repeated, -1 once it does not, and blanks that it owes no more.
    private string _sent = "";
    private int _echoed = -1;
    private string _blanks = "";

    public StreamEncoder Encoder => encoder;

    /// <summary>Tokens of the text so far, estimated.</summary>
    public long Tokens { get; private set; }

    private long _kept;

    /// <summary>The text part that is not whole yet; -1 where there is none.</summary>
    public int OpenPart => _open;

    public bool MayResume => !_unresumable && _open >= 0 && !string.IsNullOrWhiteSpace(_text.ToString());

    /// <summary>Notes what the client was sent.</summary>
    public void Note(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart when next.PartKind == PartKind.Text:
                (_open, _started) = (next.Part, Math.Max(_started, next.Part + 1));
                break;
            case StreamEventKind.PartStart:
                _unresumable |= next.PartKind != PartKind.Reasoning;
                _started = Math.Max(_started, next.Part + 1);
                break;
            case StreamEventKind.PartEnd when next.Part == _open:
                _open = -1;
                break;
            case StreamEventKind.Delta when next.PartKind == PartKind.Text || next.Part == _open:
                _text.Append(next.Text);
                _unresumable |= _text.Length > MostCharacters;
                break;
            case StreamEventKind.Finish or StreamEventKind.Logprobs or StreamEventKind.Media:
                _unresumable = true;
                break;
        }
        _unresumable |= next.Choice != 0;
    }

    /// <summary>The text so far as this upstream takes it.</summary>
    public string Prefill(PrefillStyle style)
    {
        string text = _text.ToString();
        // Anthropic: "final assistant content cannot end with trailing whitespace".
        return style == PrefillStyle.LastMessage ? text.TrimEnd() : text;
    }

    /// <summary>A continuation is about to be read.</summary>
    /// <param name="tokens">What the part that broke last is estimated to be.</param>
    public void Begin(PrefillStyle style, long tokens)
    {
        string text = _text.ToString();
        _sent = Prefill(style);
        (_echoed, _blanks) = (0, text[_sent.Length..]);
        _parts.Clear();
        Tokens = _kept + tokens;
    }

    /// <summary>The client has got something of the continuation: another one goes on from there.</summary>
    public void Keep() => _kept = Tokens;

    /// <summary>The continuation's events as parts of the one answer: what it begins anew, repeats or thinks is left out.</summary>
    public IReadOnlyList<StreamEvent> Map(List<StreamEvent> events)
    {
        _mapped.Clear();
        foreach (StreamEvent next in events)
        {
            Map(next);
        }
        return _mapped;
    }

    /// <summary>Counts as the client is to see them: what the continuation was given as input was output before.</summary>
    public Usage UsageForClient(Usage usage)
    {
        long moved = Math.Min(Tokens, usage.InputTokens);
        return usage with { InputTokens = usage.InputTokens - moved, OutputTokens = usage.OutputTokens + moved };
    }

    private void Map(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                return;
            case StreamEventKind.PartStart:
                MapStart(next);
                return;
            case StreamEventKind.Delta or StreamEventKind.Signature or StreamEventKind.Media or StreamEventKind.Citation or StreamEventKind.Logprobs or StreamEventKind.PartEnd:
                MapOfPart(next);
                return;
            case StreamEventKind.Finish:
                EndText();
                break;
        }
        _mapped.Add(next);
    }

    private void MapStart(in StreamEvent next)
    {
        if (next.PartKind == PartKind.Reasoning)
        {
            return;
        }
        if (next.PartKind == PartKind.Text && _open >= 0 && !_parts.ContainsValue(_open))
        {
            _parts[next.Part] = _open;
            return;
        }
        EndText();
        _parts[next.Part] = _started++;
        _mapped.Add(next with { Part = _parts[next.Part] });
    }

    private void MapOfPart(in StreamEvent next)
    {
        if (!_parts.TryGetValue(next.Part, out int part))
        {
            return;
        }
        if (part == _open && next.Kind == StreamEventKind.PartEnd)
        {
            EndText();
            return;
        }
        if (part == _open && next.Kind == StreamEventKind.Delta)
        {
            AddText(next.Text ?? "");
            return;
        }
        _mapped.Add(next with { Part = part });
    }

    private void EndText()
    {
        if (_open >= 0)
        {
            // It ended in the middle of a repetition, which so was none.
            string repeated = _echoed > 0 && _echoed < _sent.Length ? _sent[.._echoed] : "";
            _echoed = -1;
            Emit(repeated);
            _mapped.Add(new StreamEvent(StreamEventKind.PartEnd) { Part = _open, PartKind = PartKind.Text });
            _open = -1;
        }
    }

    // Some send the given beginning again before they go on.
    private void AddText(string text)
    {
        if (_echoed >= 0)
        {
            int same = 0;
            while (same < text.Length && _echoed + same < _sent.Length && text[same] == _sent[_echoed + same])
            {
                same++;
            }
            if (same == text.Length && _echoed + same < _sent.Length)
            {
                _echoed += same;
                return;
            }
            text = _echoed + same == _sent.Length ? text[same..] : _sent[.._echoed] + text;
            _echoed = -1;
        }
        Emit(text);
    }

    private void Emit(string text)
    {
        int same = 0;
        while (same < text.Length && same < _blanks.Length && text[same] == _blanks[same])
        {
            same++;
        }
        if (text.Length > 0)
        {
            _blanks = same == text.Length ? _blanks[same..] : "";
        }
        if (same < text.Length)
        {
            _mapped.Add(new StreamEvent(StreamEventKind.Delta) { Part = _open, PartKind = PartKind.Text, Text = text[same..] });
        }
    }
}
