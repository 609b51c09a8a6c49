namespace Gateway.Core.Guardrails;

/// <summary>
/// Looks for banned words in one answer, which may have several texts that arrive by turns. Each has a line of its own (a choice,
/// an item); in a line another part ends the text before it. All texts share one count of positions, so that one number says how
/// far everything may be sent on. Used by one task at a time.
/// </summary>
internal sealed class AnswerWatch(BannedWords words)
{
    private readonly Dictionary<int, Line> _lines = [];
    private long? _foundAt;

    /// <summary>Behind the last character read.</summary>
    public long Position { get; private set; }

    /// <summary>There was a word; nothing from <see cref="SafeUpTo"/> on is to be sent.</summary>
    public bool Found => _foundAt is not null;

    /// <summary>What ends here or earlier is no part of a word, nor can it become one.</summary>
    public long SafeUpTo
    {
        get
        {
            long safe = _foundAt ?? Position;
            foreach (Line line in _lines.Values)
            {
                safe = Math.Min(safe, line.Scan.OpenFrom ?? safe);
            }
            return safe;
        }
    }

    /// <summary>More of a part's text; an empty one only says that the part goes on.</summary>
    public void Read(int line, int part, ReadOnlySpan<char> text)
    {
        if (Found)
        {
            return;
        }
        if (!_lines.TryGetValue(line, out Line? found))
        {
            _lines.Add(line, found = new Line(new WordScan(words), part));
        }
        if (found.Part != part)
        {
            End(found);
            found.Part = part;
        }
        if (!Found && found.Scan.Read(text, Position))
        {
            _foundAt = found.Scan.FoundAt;
        }
        Position += text.Length;
    }

    /// <summary>The line's text is whole.</summary>
    public void End(int line)
    {
        if (_lines.TryGetValue(line, out Line? found))
        {
            End(found);
        }
    }

    /// <summary>The answer is whole.</summary>
    public void End()
    {
        foreach (Line line in _lines.Values)
        {
            End(line);
        }
    }

    private void End(Line line)
    {
        if (!Found && line.Scan.End(Position))
        {
            _foundAt = line.Scan.FoundAt;
        }
    }

    private sealed class Line(WordScan scan, int part)
    {
        public WordScan Scan => scan;
        public int Part { get; set; } = part;
    }
}
