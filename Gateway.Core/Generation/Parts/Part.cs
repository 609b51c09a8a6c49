namespace Gateway.Core.Generation.Parts;

/// <summary>A piece of a message.</summary>
public abstract record Part
{
    /// <summary>The prompt up to and with this part should be cached; null for no hint.</summary>
    public CacheHint? Cache { get; init; }
}
