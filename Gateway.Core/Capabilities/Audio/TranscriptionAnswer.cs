using Gateway.Core.Accounting;

namespace Gateway.Core.Capabilities.Audio;

/// <summary>What was said.</summary>
/// <param name="AudioInputTokens">The part of the input tokens that were sound.</param>
public sealed record TranscriptionAnswer(string Text, Usage Usage, long AudioInputTokens = 0);
