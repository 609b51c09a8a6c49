namespace Gateway.Core.Accounting.Journaling;

/// <summary>A call that was running when its process ended.</summary>
/// <param name="Record">As far as it was known when the call was admitted.</param>
/// <param name="InputTokens">Estimated.</param>
/// <param name="OutputTokens">Estimated, of what had been sent; 0 for an answer that is not streamed.</param>
public sealed record InterruptedCall(UsageRecord Record, long InputTokens, long OutputTokens);
