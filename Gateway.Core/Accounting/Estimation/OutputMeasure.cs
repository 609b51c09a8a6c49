namespace Gateway.Core.Accounting;

/// <summary>
/// Measures an answer's text as it passes, for estimates where the upstream reports no usage. The text may come in any
/// pieces; a stream's estimate is that of the whole text.
/// </summary>
public struct OutputMeasure
{
    // Fitted on the recorded answers, see TextWeights: an end of the answer, and the frame of a call around its arguments.
    private const long EndScore = (long)(0.8 * TextWeights.One);
    private const long ToolCallScore = (long)(8.9 * TextWeights.One);

    private TextMeasure _text;
    private long _extra;

    /// <summary>The content of a JSON string (no quotes, escapes as they are) of the answer's text, reasoning or arguments.</summary>
    public void Add(ReadOnlySpan<byte> jsonStringContent) => _text.Add(jsonStringContent);

    /// <summary>A tool call began.</summary>
    public void AddToolCall()
    {
        _extra += ToolCallScore;
        _text.Break();
    }

    /// <summary>Takes in what was measured elsewhere. Where words may be cut in two, go on with the same measure instead.</summary>
    public void Add(OutputMeasure other)
    {
        _text.Add(other._text);
        _extra += other._extra;
    }

    /// <summary>The answer calls tools.</summary>
    public readonly bool HasToolCalls => _extra > 0;

    /// <summary>0 while nothing was added.</summary>
    public readonly long Tokens => _text.Score + _extra == 0 ? 0 : (_text.Score + _extra + EndScore + (TextWeights.One / 2)) / TextWeights.One;
}
