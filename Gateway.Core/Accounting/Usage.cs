namespace Gateway.Core.Accounting;

/// <summary>Whether token counts came from the upstream.</summary>
public enum UsageSource : byte
{
    /// <summary>No upstream was reached, or it answered with an error: nothing was used.</summary>
    None,
    Reported,
    Estimated,

    /// <summary>An upstream answered and said nothing that can be counted, nor could it be estimated: unknown, not free.</summary>
    Unknown,
}

/// <summary>
/// Tokens of one call. <see cref="CachedInputTokens"/> and <see cref="CacheWriteTokens"/> are parts of
/// <see cref="InputTokens"/>, and <see cref="ReasoningTokens"/> of <see cref="OutputTokens"/>, as OpenAI counts them;
/// wires that count otherwise are converted when read.
/// </summary>
public readonly record struct Usage(
    UsageSource Source,
    long InputTokens,
    long CachedInputTokens,
    long CacheWriteTokens,
    long OutputTokens,
    long ReasoningTokens)
{
    /// <summary>Those of <see cref="CacheWriteTokens"/> that are kept for an hour, which costs more.</summary>
    public long LongCacheWriteTokens { get; init; }

    public long TotalTokens => InputTokens + OutputTokens;

    /// <summary>Output with reasoning: xAI counts that beside the completion, not in it, which only the total tells.</summary>
    public static long AllOutput(long input, long output, long reasoning, long total) =>
        reasoning > 0 && total == input + output + reasoning ? output + reasoning : output;
}
