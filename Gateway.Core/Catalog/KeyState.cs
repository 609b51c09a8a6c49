using Gateway.Core.Limits;

namespace Gateway.Core.Catalog;

/// <summary>Runtime facts of a key; survives catalog changes.</summary>
public sealed class KeyState
{
    public ScopeState Limits { get; } = new();

    /// <summary>Unix milliseconds of the last request; 0 if none since the start.</summary>
    public long LastUsedMs;
}
