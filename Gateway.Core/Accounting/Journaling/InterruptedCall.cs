namespace Gateway.Core.Accounting.Journaling;

/// <summary>A call that was running when its process ended.</summary>
/// <param name="Record">As far as it was known when the call was admitted.</param>
/// <param name="InputTokens">Estimated.</param>
/// <param name="OutputTokens">Estimated, of what had been sent; 0 for an answer that is not streamed.</param>
public sealed record InterruptedCall(UsageRecord Record, long InputTokens, long OutputTokens)
{
    /// <summary><see cref="MarkOf"/> the backend that was called last; 0 if none was, or it is not known.</summary>
    public int BackendMark { get; init; }

    /// <summary>A backend's id in the four bytes that a slot has for it: tells a catalog's backends apart (FNV-1a).</summary>
    public static int MarkOf(string backendId)
    {
        uint hash = 2166136261;
        foreach (char c in backendId)
        {
            hash = (hash ^ c) * 16777619;
        }
        return hash == 0 ? 1 : (int)hash;
    }
}
