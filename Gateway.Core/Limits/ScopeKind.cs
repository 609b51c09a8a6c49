namespace Gateway.Core.Limits;

/// <summary>What limits and budgets can be set on.</summary>
public enum ScopeKind : byte
{
    Key,
    Team,
    Model,
    Provider,
    Gateway,
}

/// <summary>The names that configuration, the admin API and the database use for <see cref="ScopeKind"/>.</summary>
public static class ScopeKinds
{
    private static readonly string[] Names = ["key", "team", "model", "provider", "gateway"];

    public static IReadOnlyList<string> All => Names;

    public static string ToName(this ScopeKind kind) => Names[(int)kind];

    /// <summary>False when <paramref name="name"/> is none of <see cref="All"/>; case does not matter.</summary>
    public static bool TryParse(string? name, out ScopeKind kind)
    {
        int index = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        kind = index < 0 ? default : (ScopeKind)index;
        return index >= 0;
    }
}
