using Gateway.Core.Budgets;
using Gateway.Core.Limits;

namespace Gateway.Web.Cluster.Limits;

/// <summary>
/// Names of what is kept in Redis. The tag in braces puts all of it into one slot of a Redis Cluster, since a script works on
/// several at once.
/// </summary>
internal static class LimitKeys
{
    /// <summary>What every key and channel begins with.</summary>
    public const string Prefix = "{gw}:";

    public static string OfScope(LimitScope scope) => string.Concat(Prefix, scope.Kind.ToName(), ":", scope.Id);

    /// <summary>Another period or time zone makes other windows, and so another key.</summary>
    public static string OfBudget(Budget budget) => $"{Prefix}budget:{budget.Period.ToName()}:{budget.Zone.Id}:{budget.Id}";

    /// <summary>Marks a call that was given up before its reservation arrived.</summary>
    public static string OfTombstone(Guid lease) => $"{Prefix}gone:{lease:N}";

    /// <summary>
    /// The scopes that limit this call at all; a key that has only defaults, and those off, has none. Without the budgets whose
    /// spending is not known yet: a Redis that is new would be told that it was less.
    /// </summary>
    public static LimitScope[] LimitingScopes(LimitLease lease, Predicate<Budget> isKnown)
    {
        LimitScope[] scopes = Array.TrueForAll(lease.Scopes, s => Array.TrueForAll(s.Budgets, isKnown))
            ? lease.Scopes
            : Array.ConvertAll(lease.Scopes, s => With(s, Array.FindAll(s.Budgets, isKnown)));
        return Array.TrueForAll(scopes, s => Limits(s, lease)) ? scopes : Array.FindAll(scopes, s => Limits(s, lease));
    }

    /// <summary>The scope with these budgets alone.</summary>
    public static LimitScope With(LimitScope scope, Budget[] budgets) => new()
    {
        Kind = scope.Kind,
        Id = scope.Id,
        Name = scope.Name,
        Rpm = scope.Rpm,
        Tpm = scope.Tpm,
        MaxParallel = scope.MaxParallel,
        Budgets = budgets,
        State = scope.State,
    };

    public static bool IsWindowed(LimitScope scope, LimitLease lease) => lease.RpmOf(scope) > 0 || lease.TpmOf(scope) > 0;

    private static bool Limits(LimitScope scope, LimitLease lease) =>
        scope.MaxParallel > 0 || scope.Budgets.Length > 0 || IsWindowed(scope, lease);
}
