using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Web.Storage.Usage;

/// <summary>Whose spending a sum of calls is: what of their dimensions budgets tell apart.</summary>
internal readonly record struct ScopeSpend(string KeyId, string Model, string Provider)
{
    /// <summary>The id of the team of each key that is in one now; what a key spent goes with it when it changes its team.</summary>
    public static Dictionary<string, string> TeamsOf(CatalogSnapshot catalog) =>
        catalog.Keys.Values.Concat(catalog.Tokens.Values).Where(k => k.Team is not null).ToDictionary(k => k.Id, k => k.Team!.Id);

    public bool IsOf(LimitScope scope, IReadOnlyDictionary<string, string> teams) => scope.Kind switch
    {
        ScopeKind.Key => KeyId == scope.Id,
        ScopeKind.Team => teams.GetValueOrDefault(KeyId) == scope.Id,
        ScopeKind.Model => Model == scope.Name,
        ScopeKind.Provider => Provider == scope.Name,
        _ => true,
    };
}
