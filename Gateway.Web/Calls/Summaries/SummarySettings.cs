namespace Gateway.Web.Calls.Summaries;

/// <summary>How ordered summaries are made.</summary>
internal sealed record SummarySettings
{
    /// <summary>The model that summarises where a request names none; null is the one that answers.</summary>
    public string? Model { get; init; }

    /// <summary>For one summary; then its text's first sentences stand in for it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Characters of a model's thoughts that are summarised.</summary>
    public int MaxReasoningChars { get; init; } = 8000;

    /// <summary>Whether thoughts that the upstream sends apart count; false takes only those between tags.</summary>
    public bool ParseReasoning { get; init; } = true;
}
