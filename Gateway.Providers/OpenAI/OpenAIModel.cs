using System.Globalization;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.OpenAI;

/// <summary>
/// What a model of OpenAI's takes, told from its name, because OpenAI refuses with a 400 what a model does not know. A name that is
/// none of OpenAI's (another vendor's model, a deployment that somebody named) takes everything.
/// Source: OpenAI's guide to reasoning and its pages on each model.
/// </summary>
/// <param name="least">The least effort it takes; null for a model that does not reason.</param>
internal readonly struct OpenAIModel(ReasoningEffort? least, bool minimal = true, bool extraHigh = true)
{
    /// <summary>The effort to ask for when <paramref name="effort"/> is wanted: the nearest one that the model takes; null for none.</summary>
    public ReasoningEffort? Effort(ReasoningEffort? effort, ConversionNotes notes)
    {
        if (effort is not { } wanted)
        {
            return null;
        }
        if (least is not { } first)
        {
            if (wanted != ReasoningEffort.None)
            {
                notes.Lose("reasoning", "The model does not reason.");
            }
            return null;
        }
        ReasoningEffort taken = wanted < first ? first
            : wanted == ReasoningEffort.Minimal && !minimal ? ReasoningEffort.Low
            : wanted == ReasoningEffort.XHigh && !extraHigh ? ReasoningEffort.High
            : wanted;
        if (taken != wanted)
        {
            notes.Bridge("reasoning", $"The model does not take the effort {wanted.ToName()}; {taken.ToName()} is the nearest.");
        }
        return taken;
    }

    public static OpenAIModel Of(string name)
    {
        ReadOnlySpan<char> text = name.AsSpan(name.LastIndexOf('/') + 1);
        if (text.StartsWith("gpt-5", StringComparison.OrdinalIgnoreCase))
        {
            return text.Contains("-chat", StringComparison.OrdinalIgnoreCase) ? new OpenAIModel(null)
                : Minor(text["gpt-5".Length..]) is > 0 and var minor ? new OpenAIModel(ReasoningEffort.None, minimal: false, extraHigh: minor > 1)
                : new OpenAIModel(ReasoningEffort.Minimal, extraHigh: false);
        }
        bool old = text.StartsWith("gpt-4", StringComparison.OrdinalIgnoreCase) || text.StartsWith("gpt-3", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("chatgpt-", StringComparison.OrdinalIgnoreCase);
        bool thinker = text is ['o' or 'O', >= '1' and <= '9', ..] && (text.Length == 2 || text[2] == '-');
        return old ? new OpenAIModel(null)
            : thinker ? new OpenAIModel(ReasoningEffort.Low, extraHigh: false)
            : new OpenAIModel(ReasoningEffort.None);
    }

    // gpt-5.2-2025-12-11, gpt-5.1, gpt-5-mini.
    private static int Minor(ReadOnlySpan<char> rest)
    {
        if (rest is not ['.', ..])
        {
            return 0;
        }
        rest = rest[1..];
        int length = rest.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(length < 0 ? rest : rest[..length], NumberStyles.None, CultureInfo.InvariantCulture, out int minor) ? minor : 0;
    }
}
