using System.Text;

namespace Gateway.Web.Calls.Summaries;

/// <summary>
/// Tells a model's thoughts from its answer by the tags it was asked to put around them, however the text is cut. Without
/// <c>&lt;analysis&gt;</c> at its beginning everything is the answer; without <c>&lt;final&gt;</c> after it everything is thoughts.
/// </summary>
internal sealed class TagParser
{
    private const string Analysis = "<analysis>";
    private const string AnalysisEnd = "</analysis>";
    private const string Final = "<final>";
    private const string FinalEnd = "</final>";

    private readonly StringBuilder _held = new();
    private Stage _stage;
    private bool _said;

    private enum Stage
    {
        Begin,
        Thinking,
        Answering,
        Over,
    }

    /// <summary>What more text comes to; either may be empty.</summary>
    public (string Reasoning, string Output) Add(string text)
    {
        _held.Append(text);
        return Read(end: false);
    }

    /// <summary>Nothing follows: what was held back in case it became a tag.</summary>
    public (string Reasoning, string Output) End() => Read(end: true);

    private (string Reasoning, string Output) Read(bool end)
    {
        var reasoning = new StringBuilder();
        var output = new StringBuilder();
        while (_held.Length > 0 && Step(_held.ToString(), end, reasoning, output))
        {
        }
        return (reasoning.ToString(), output.ToString());
    }

    // True when there may be more to do with what is left.
    private bool Step(string text, bool end, StringBuilder reasoning, StringBuilder output)
    {
        switch (_stage)
        {
            case Stage.Begin:
                string begin = text.TrimStart();
                if (!end && (begin.Length == 0 || IsBeginning(begin, Analysis) || IsBeginning(begin, Final)))
                {
                    return false;
                }
                _stage = begin.StartsWith(Analysis, StringComparison.Ordinal) ? Stage.Thinking : Stage.Answering;
                Keep(begin.StartsWith(Analysis, StringComparison.Ordinal) ? begin[Analysis.Length..]
                    : begin.StartsWith(Final, StringComparison.Ordinal) ? begin[Final.Length..] : begin);
                return true;
            case Stage.Thinking:
                int final = text.IndexOf(Final, StringComparison.Ordinal);
                int keep = final >= 0 || end ? 0 : Held(text, Final, AnalysisEnd);
                reasoning.Append(text[..(final >= 0 ? final : text.Length - keep)].Replace(AnalysisEnd, "", StringComparison.Ordinal));
                _stage = final >= 0 ? Stage.Answering : _stage;
                Keep(final >= 0 ? text[(final + Final.Length)..] : text[^keep..]);
                return final >= 0;
            case Stage.Answering:
                int over = text.IndexOf(FinalEnd, StringComparison.Ordinal);
                int held = over >= 0 || end ? 0 : Held(text, FinalEnd);
                string more = text[..(over >= 0 ? over : text.Length - held)];
                // Answers begin with a word, not with the line break after the tag.
                more = _said ? more : more.TrimStart();
                _said |= more.Length > 0;
                output.Append(more);
                _stage = over >= 0 ? Stage.Over : _stage;
                Keep(over >= 0 ? "" : text[^held..]);
                return false;
            default:
                _held.Clear();
                return false;
        }
    }

    private void Keep(string text) => _held.Clear().Append(text);

    private static bool IsBeginning(string text, string tag) => text.Length < tag.Length && tag.StartsWith(text, StringComparison.Ordinal);

    // How much of the text's end may be the beginning of a tag.
    private static int Held(string text, params ReadOnlySpan<string> tags)
    {
        int most = 0;
        foreach (string tag in tags)
        {
            for (int length = Math.Min(tag.Length - 1, text.Length); length > most; length--)
            {
                if (text.EndsWith(tag[..length], StringComparison.Ordinal))
                {
                    most = length;
                }
            }
        }
        return most;
    }
}
