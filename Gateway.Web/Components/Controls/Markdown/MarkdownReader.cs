using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Web.Components.Controls.Markdown;

/// <summary>
/// Reads the Markdown that models write into blocks: headings, paragraphs, lists, quotes, fenced code, tables, rules. HTML is text like
/// any other. Takes time in proportion to the text, whatever stands in it.
/// </summary>
internal static partial class MarkdownReader
{
    private const int Deepest = 6;

    public static IReadOnlyList<MarkdownBlock> Read(string text) => Read(text.ReplaceLineEndings("\n").Split('\n'), 0);

    private static List<MarkdownBlock> Read(IReadOnlyList<string> lines, int depth)
    {
        var blocks = new List<MarkdownBlock>();
        int at = 0;
        while (at < lines.Count)
        {
            if (string.IsNullOrWhiteSpace(lines[at]))
            {
                at++;
            }
            else
            {
                blocks.Add(Block(lines, ref at, depth));
            }
        }
        return blocks;
    }

    private static MarkdownBlock Block(IReadOnlyList<string> lines, ref int at, int depth)
    {
        string line = lines[at].TrimStart();
        if (FenceOf(line) is { } fence)
        {
            return Code(lines, ref at, fence, line[fence.Length..].Trim());
        }
        if (HeadingLine().Match(line) is { Success: true } heading)
        {
            at++;
            return new Heading(heading.Groups[1].Length, heading.Groups[2].Value);
        }
        if (IsRule(line))
        {
            at++;
            return new Rule();
        }
        if (depth < Deepest && line[0] == '>')
        {
            List<string> inner = [];
            for (; at < lines.Count && lines[at].TrimStart() is ['>', .. var rest]; at++)
            {
                inner.Add(rest.StartsWith(' ') ? rest[1..] : rest);
            }
            return new Quote(Read(inner, depth + 1));
        }
        if (depth < Deepest && Marker(lines[at]) is { } marker)
        {
            return Items(lines, ref at, marker.Number, depth);
        }
        if (line.StartsWith('|') && at + 1 < lines.Count && TableRule().IsMatch(lines[at + 1]))
        {
            return Table(lines, ref at);
        }
        List<string> paragraph = [lines[at++].Trim()];
        while (at < lines.Count && !string.IsNullOrWhiteSpace(lines[at]) && !Interrupts(lines[at], depth))
        {
            paragraph.Add(lines[at++].Trim());
        }
        return new Paragraph(string.Join('\n', paragraph));
    }

    private static bool Interrupts(string line, int depth)
    {
        string begin = line.TrimStart();
        return FenceOf(begin) is not null || HeadingLine().IsMatch(begin) || IsRule(begin) || (depth < Deepest && (begin[0] == '>' || Marker(line) is not null));
    }

    private static CodeBlock Code(IReadOnlyList<string> lines, ref int at, string fence, string language)
    {
        int indent = lines[at].Length - lines[at].TrimStart().Length;
        List<string> code = [];
        // A fence that is never closed holds the rest: so a stream shows code as code while it comes.
        for (at++; at < lines.Count; at++)
        {
            string line = lines[at];
            if (line.Trim() is { } end && end.StartsWith(fence, StringComparison.Ordinal) && end.Trim(fence[0]).Length == 0)
            {
                at++;
                break;
            }
            code.Add(line[Math.Min(indent, line.Length - line.TrimStart().Length)..]);
        }
        return new CodeBlock(language, string.Join('\n', code));
    }

    private static ItemList Items(IReadOnlyList<string> lines, ref int at, int? start, int depth)
    {
        List<IReadOnlyList<MarkdownBlock>> items = [];
        int indent = Marker(lines[at])!.Value.Indent;
        while (at < lines.Count && Marker(lines[at]) is { } marker && marker.Indent <= indent + 1 && marker.Number is null == start is null)
        {
            List<string> item = [lines[at++][marker.Length..]];
            // What is indented belongs to the item, and so does a blank line before such text.
            while (at < lines.Count)
            {
                bool blank = string.IsNullOrWhiteSpace(lines[at]);
                string decider = blank ? (at + 1 < lines.Count ? lines[at + 1] : "") : lines[at];
                int depthOfLine = decider.Length - decider.TrimStart().Length;
                bool continues = !blank && Marker(decider) is null && !Interrupts(decider, depth);
                if (string.IsNullOrWhiteSpace(decider) || (depthOfLine < marker.Indent + 2 && !continues))
                {
                    break;
                }
                string line = lines[at++];
                item.Add(line[Math.Min(marker.Length, line.Length - line.TrimStart().Length)..]);
            }
            items.Add(Read(item, depth + 1));
            while (at + 1 < lines.Count && string.IsNullOrWhiteSpace(lines[at]) && Marker(lines[at + 1]) is { } next && next.Number is null == start is null)
            {
                at++;
            }
        }
        return new ItemList(start, items);
    }

    private static PipeTable Table(IReadOnlyList<string> lines, ref int at)
    {
        IReadOnlyList<string> head = Cells(lines[at]);
        List<IReadOnlyList<string>> rows = [];
        for (at += 2; at < lines.Count && lines[at].TrimStart().StartsWith('|'); at++)
        {
            rows.Add(Cells(lines[at]));
        }
        return new PipeTable(head, rows);
    }

    private static string[] Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(c => c.Trim())];

    private static string? FenceOf(string line)
    {
        int length = line.Length - line.TrimStart('`').Length;
        length = length > 0 ? length : line.Length - line.TrimStart('~').Length;
        return length >= 3 && (line[0] == '~' || !line[length..].Contains('`')) ? line[..length] : null;
    }

    private static bool IsRule(string line)
    {
        string marks = line.Replace(" ", "", StringComparison.Ordinal);
        return marks.Length >= 3 && marks[0] is '-' or '*' or '_' && marks.Length >= 3 && marks.Trim(marks[0]).Length == 0;
    }

    /// <summary>The number is null for a bullet; the length is up to the item's text.</summary>
    private static (int Indent, int? Number, int Length)? Marker(string line) => ItemLine().Match(line) is not { Success: true } match ? null
        : (match.Groups[1].Length,
            int.TryParse(match.Groups[3].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null,
            match.Length);

    [GeneratedRegex(@"^(#{1,6})\s+([^\n]*)$")]
    private static partial Regex HeadingLine();

    [GeneratedRegex(@"^(\s*)([-*+]|([0-9]{1,9})[.)])\s+(?=\S)")]
    private static partial Regex ItemLine();

    [GeneratedRegex(@"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")]
    private static partial Regex TableRule();
}
