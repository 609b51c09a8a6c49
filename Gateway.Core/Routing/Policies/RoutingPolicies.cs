using System.Diagnostics.CodeAnalysis;

namespace Gateway.Core.Routing.Policies;

/// <summary>The only list of policies.</summary>
public static class RoutingPolicies
{
    public static IRoutingPolicy Weighted { get; } = new WeightedPolicy();

    /// <summary>In the order in which the console shows them; the first is the default.</summary>
    public static IReadOnlyList<IRoutingPolicy> All { get; } =
        [Weighted, new LeastBusyPolicy(), new LowestLatencyPolicy(), new CheapestPolicy(), new PrefixAffinityPolicy()];

    /// <summary>False when none has that name; case does not matter.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out IRoutingPolicy? policy)
    {
        policy = All.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return policy is not null;
    }
}
