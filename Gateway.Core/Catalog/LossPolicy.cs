namespace Gateway.Core.Catalog;

/// <summary>What becomes of a request of which its backend's wire cannot carry everything.</summary>
public enum LossPolicy
{
    /// <summary>It is sent, and the answer's <c>x-gateway-lossy</c> header names what was lost.</summary>
    Warn,

    /// <summary>It is sent, and nothing is said.</summary>
    Allow,

    /// <summary>The backend is passed over; where no other is left, a 400 names what would be lost.</summary>
    Refuse,
}

/// <summary>Names of <see cref="LossPolicy"/>.</summary>
public static class LossPolicies
{
    public static IReadOnlyList<string> All { get; } = ["warn", "allow", "refuse"];

    public static string ToName(this LossPolicy policy) => All[(int)policy];

    /// <summary>False when <paramref name="name"/> is none of <see cref="All"/>; case does not matter.</summary>
    public static bool TryParse(string? name, out LossPolicy policy)
    {
        int index = All.ToList().FindIndex(n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        policy = index < 0 ? default : (LossPolicy)index;
        return index >= 0;
    }
}
