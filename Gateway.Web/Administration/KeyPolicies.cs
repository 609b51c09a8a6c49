using Gateway.Core;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Web.Administration;

/// <summary>Says what a key may do, as requests find it: its own rules, its team's and the gateway's put together.</summary>
internal sealed class KeyPolicies(GatewayCatalog catalog, Func<GatewayOptions> options, TimeProvider time)
{
    public KeyPolicyView Read(string keyId)
    {
        CatalogSnapshot snapshot = catalog.Current;
        DateTimeOffset now = time.GetUtcNow();
        ApiKey? key = snapshot.Keys.Values.Concat(snapshot.Tokens.Values).FirstOrDefault(k => k.Id == keyId);
        if (key is null or { Active: false } or { Team.Active: false } || key.ExpiresAt <= now)
        {
            return new KeyPolicyView(false, [], [], [], key?.Team?.Name, [], []);
        }
        Model[] models = [.. snapshot.Models.Where(key.Allows)];
        HashSet<string> reached = [.. models.Select(m => m.Id), .. models.SelectMany(m => m.Backends).Select(b => b.Provider.Id)];
        LimitScope[] scopes =
        [
            .. key.Scopes,
            .. snapshot.Scopes.Values.Where(s => s.Kind is ScopeKind.Model or ScopeKind.Provider && reached.Contains(s.Id))
                .OrderBy(s => s.Kind).ThenBy(s => s.Name, StringComparer.Ordinal),
        ];
        GatewayOptions defaults = options();
        return new KeyPolicyView(
            true,
            [.. models.Select(m => m.Name)],
            key.AllowedEndpoints.ToNames(),
            snapshot.Definition.Keys.First(k => k.Id == keyId).AllowedNetworks,
            key.Team?.Name,
            [.. scopes.Select(s => new KeyPolicyLimit(s.Kind.ToName(), Of(s), s.Rpm ?? defaults.DefaultRpm, s.Tpm ?? defaults.DefaultTpm, s.MaxParallel)).Where(l => l.IsAny)],
            [.. scopes.SelectMany(s => s.Budgets.Select(b => Budget(s, b, now)))]);
    }

    private static string Of(LimitScope scope) => scope.Kind == ScopeKind.Gateway ? "" : scope.Name;

    private static KeyPolicyBudget Budget(LimitScope scope, Budget budget, DateTimeOffset now)
    {
        BudgetState state = budget.Meter.Read(budget, now);
        return new KeyPolicyBudget(budget.Name, scope.Kind.ToName(), Of(scope), budget.Hard, state.Amount, state.Spent, state.Reserved, state.Remaining);
    }
}
