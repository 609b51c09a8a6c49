namespace Gateway.Core.Limits;

/// <summary>Which limit stood in the way.</summary>
public enum LimitKind : byte
{
    None,
    Requests,
    Tokens,
    Parallel,
    Budget,

    /// <summary>The shared store cannot be reached, and limits are set to fail closed.</summary>
    Unavailable,
}
