namespace Gateway.Core.Generation;

/// <summary>How much the model is to think before it answers. Wires say it as an effort or as a number of tokens; both may be set.</summary>
public sealed record ReasoningSettings
{
    /// <summary>False switches it off; null is as the other fields say.</summary>
    public bool? Enabled { get; init; }
    public ReasoningEffort? Effort { get; init; }

    /// <summary>Most tokens to think with; -1 lets the model decide (Gemini, Anthropic's adaptive thinking).</summary>
    public int? BudgetTokens { get; init; }

    /// <summary>Whether the thoughts (or a summary of them) are to be in the answer.</summary>
    public bool? IncludeThoughts { get; init; }

    /// <summary>The kind of summary, where the wire knows kinds: <c>auto</c>, <c>concise</c>, <c>detailed</c>.</summary>
    public string? Summary { get; init; }
}
