using System.Diagnostics.CodeAnalysis;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>Reads a YAML text of anybody's, whatever is in it: a mistake is a value, and nothing nests deep enough to exhaust the stack.</summary>
internal static class YamlText
{
    private const int Deepest = 64;
    private const long MostNodes = 500_000;

    /// <param name="root">The first document; null for an empty text.</param>
    /// <param name="error">Where and why it is no YAML.</param>
    public static bool TryParse(string text, out YamlNode? root, [NotNullWhen(false)] out YamlError? error)
    {
        (root, error) = (null, null);
        try
        {
            error = FindTooMuch(text);
            if (error is not null)
            {
                return false;
            }
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1)
            {
                error = new YamlError(stream.Documents[1].RootNode.Start.Line, "", "One document is expected.");
                return false;
            }
            root = stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
            return true;
        }
        catch (YamlException e)
        {
            error = new YamlError(e.Start.Line, "", e.Message);
        }
        // The scanner trips over some texts instead of refusing them.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            error = new YamlError(1 + text.AsSpan().TrimEnd().Count('\n'), "", "This is not YAML; something is left open before here.");
        }
        return false;
    }

    /// <summary>Looks at the text piece by piece, before anything follows its nesting and its aliases.</summary>
    private static YamlError? FindTooMuch(string text)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<(AnchorName Anchor, long Size)>([(default, 0)]);
        var sizes = new Dictionary<AnchorName, long>();
        while (parser.MoveNext())
        {
            long line = parser.Current!.Start.Line;
            long size = 0;
            switch (parser.Current)
            {
                case MappingStart or SequenceStart:
                    open.Push((((NodeEvent)parser.Current).Anchor, 1));
                    break;
                case MappingEnd or SequenceEnd:
                    (AnchorName anchor, size) = open.Pop();
                    Note(anchor, size);
                    break;
                case Scalar scalar:
                    size = 1;
                    Note(scalar.Anchor, size);
                    break;
                case AnchorAlias alias when !sizes.TryGetValue(alias.Value, out size):
                    return new YamlError(line, "", "The alias stands for nothing that ends before it.");
            }
            (AnchorName around, long sum) = open.Pop();
            open.Push((around, sum + size));
            if (open.Count > Deepest + 1)
            {
                return new YamlError(line, "", $"Nested more than {Deepest} levels deep.");
            }
            if (sum + size > MostNodes)
            {
                return new YamlError(line, "", $"With its aliases it has more than {MostNodes} parts.");
            }
        }
        return null;

        void Note(AnchorName anchor, long size)
        {
            if (!anchor.IsEmpty)
            {
                sizes[anchor] = size;
            }
        }
    }
}
