namespace Gateway.Core.Chaos;

/// <summary>What goes wrong with a call on purpose.</summary>
public enum FaultKind
{
    /// <summary>The call goes out late.</summary>
    Latency,

    /// <summary>429.</summary>
    RateLimit,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>No connection.</summary>
    Refused,

    /// <summary>The connection breaks before the answer.</summary>
    Reset,

    /// <summary>The answer's head comes, and its body late.</summary>
    SlowFirstToken,

    /// <summary>The answer breaks off in the middle.</summary>
    Cut,

    /// <summary>200, and nothing that makes sense.</summary>
    Garbage,
}

/// <summary>Names of <see cref="FaultKind"/>, as the admin API and the records give them.</summary>
public static class FaultKinds
{
    private static readonly string[] Names =
        [.. Enum.GetNames<FaultKind>().Select(n => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(n))];

    public static IReadOnlyList<string> All => Names;

    public static string ToName(this FaultKind kind) => Names[(int)kind];

    /// <summary>False when <paramref name="name"/> is none of <see cref="All"/>.</summary>
    public static bool TryParse(string? name, out FaultKind kind)
    {
        int index = Array.IndexOf(Names, name);
        kind = index < 0 ? default : (FaultKind)index;
        return index >= 0;
    }
}
