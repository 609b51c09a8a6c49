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

/// <summary>Names of <see cref="LimitKind"/> as metrics give them.</summary>
public static class LimitKinds
{
    private static readonly string[] Names = ["none", "rpm", "tpm", "parallel", "budget", "unavailable"];

    public static string ToName(this LimitKind kind) => Names[(int)kind];
}
