namespace Gateway.Web.Components.Controls.Markdown;

/// <summary>What a stretch of a paragraph is.</summary>
internal enum InlineKind
{
    Text,
    Code,
    Strong,
    Emphasis,
    Deleted,
    Link,
    Break,
}

/// <summary>A stretch of a paragraph.</summary>
/// <param name="Address">Of a link; checked: http, https or mailto.</param>
internal sealed record Inline(InlineKind Kind, string Text, IReadOnlyList<Inline> Inner, string? Address = null);

/// <summary>Reads emphasis, code and links. Pictures become links to them: nothing is fetched because a model says so.</summary>
internal static class MarkdownInline
{
    private const int Deepest = 5;

    private static readonly (string Mark, InlineKind Kind)[] Marks =
    [
        ("**", InlineKind.Strong), ("__", InlineKind.Strong), ("~~", InlineKind.Deleted), ("*", InlineKind.Emphasis), ("_", InlineKind.Emphasis),
    ];

    public static IReadOnlyList<Inline> Read(string text) => Read(text, 0);

    private static List<Inline> Read(string text, int depth)
    {
        var found = new List<Inline>();
        // A mark that has no partner from here on has none further on either: so the whole takes linear time.
        var lonely = new HashSet<string>();
        int plain = 0;
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] == '\\' && at + 1 < text.Length && char.IsPunctuation(text[at + 1]))
            {
                Flush(text, plain, at, found);
                plain = at + 1;
                at += 2;
            }
            else if (Next(text, at, depth, lonely) is { } next)
            {
                Flush(text, plain, at, found);
                found.Add(next.Inline);
                plain = at = next.End;
            }
            else
            {
                at++;
            }
        }
        Flush(text, plain, text.Length, found);
        return found;
    }

    private static (Inline Inline, int End)? Next(string text, int at, int depth, HashSet<string> lonely)
    {
        switch (text[at])
        {
            case '\n':
                return (new Inline(InlineKind.Break, "", []), at + 1);
            case '`':
                int run = 1;
                while (at + run < text.Length && text[at + run] == '`' && run < 3)
                {
                    run++;
                }
                string tick = new('`', run);
                return Partner(text, tick, at + run, lonely) is { } end
                    ? (new Inline(InlineKind.Code, text[(at + run)..end].Trim(), []), end + run)
                    : null;
            case '!' when at + 1 < text.Length && text[at + 1] == '[':
                return Link(text, at + 1, depth, lonely);
            case '[':
                return Link(text, at, depth, lonely);
            case '*' or '_' or '~':
                return depth < Deepest ? Marked(text, at, depth, lonely) : null;
            default:
                return null;
        }
    }

    private static (Inline Inline, int End)? Marked(string text, int at, int depth, HashSet<string> lonely)
    {
        foreach ((string mark, InlineKind kind) in Marks)
        {
            int inner = at + mark.Length;
            if (string.CompareOrdinal(text, at, mark, 0, mark.Length) == 0 && inner < text.Length && !char.IsWhiteSpace(text[inner])
                // snake_case is no emphasis.
                && (mark[0] != '_' || at == 0 || !char.IsLetterOrDigit(text[at - 1]))
                && Partner(text, mark, inner, lonely) is { } end && end > inner && !char.IsWhiteSpace(text[end - 1]))
            {
                return (new Inline(kind, "", Read(text[inner..end], depth + 1)), end + mark.Length);
            }
        }
        return null;
    }

    private static (Inline Inline, int End)? Link(string text, int at, int depth, HashSet<string> lonely)
    {
        if (depth >= Deepest || Partner(text, "](", at + 1, lonely) is not { } middle || Partner(text, ")", middle + 2, lonely) is not { } end)
        {
            return null;
        }
        string label = text[(at + 1)..middle];
        if (label.Contains('[') || label.Contains('\n'))
        {
            return null;
        }
        string address = text[(middle + 2)..end].Trim().Split(' ')[0];
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" or "mailto"
            ? (new Inline(InlineKind.Link, "", Read(label.Length > 0 ? label : address, Deepest), uri!.AbsoluteUri), end + 1)
            : null;
    }

    private static int? Partner(string text, string mark, int from, HashSet<string> lonely)
    {
        if (lonely.Contains(mark))
        {
            return null;
        }
        int end = text.IndexOf(mark, Math.Min(from, text.Length), StringComparison.Ordinal);
        if (end >= 0)
        {
            return end;
        }
        lonely.Add(mark);
        return null;
    }

    private static void Flush(string text, int from, int to, List<Inline> found)
    {
        if (to > from)
        {
            found.Add(new Inline(InlineKind.Text, text[from..to], []));
        }
    }
}
