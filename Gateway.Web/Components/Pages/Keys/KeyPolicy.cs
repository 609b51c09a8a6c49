using Gateway.Core;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Keys;

/// <summary>What a key may do, as requests find it: its own rules, its team's and the gateway's put together.</summary>
/// <param name="Models">Names that it may ask for.</param>
/// <param name="Limits">Its own, its team's and the gateway's, then those of what it may reach.</param>
internal sealed record KeyPolicy(IReadOnlyList<string> Models, string? Team, IReadOnlyList<KeyPolicy.Limit> Limits, IReadOnlyList<KeyPolicy.Money> Budgets)
{
    /// <summary>Null when no request is accepted with the key.</summary>
    public static KeyPolicy? Of(CatalogSnapshot snapshot, GatewayOptions options, string keyId, DateTimeOffset now, Show show)
    {
        ApiKey? key = snapshot.Keys.Values.Concat(snapshot.Tokens.Values).FirstOrDefault(k => k.Id == keyId);
        if (key is null or { Active: false } or { Team.Active: false } || key.ExpiresAt <= now)
        {
            return null;
        }
        Model[] models = [.. snapshot.Models.Where(key.Allows)];
        HashSet<string> reached = [.. models.Select(m => m.Id), .. models.SelectMany(m => m.Backends).Select(b => b.Provider.Id)];
        LimitScope[] scopes =
        [
            .. key.Scopes,
            .. snapshot.Scopes.Values.Where(s => s.Kind is ScopeKind.Model or ScopeKind.Provider && reached.Contains(s.Id))
                .OrderBy(s => s.Kind).ThenBy(s => s.Name, StringComparer.Ordinal),
        ];
        return new KeyPolicy(
            [.. models.Select(m => m.Name)],
            key.Team?.Name,
            [.. scopes.Select(s => new Limit(Name(s), Text(s.Rpm ?? options.DefaultRpm), Text(s.Tpm ?? options.DefaultTpm), Text(s.MaxParallel))).Where(l => !l.IsNone)],
            [.. scopes.SelectMany(s => s.Budgets.Select(b => new Money(b.Name, Name(s), b.Hard, b.Meter.Read(b, now))))]);

        string Text(int limit) => limit == 0 ? Unlimited : show.Count(limit);
    }

    private static string Name(LimitScope scope) => scope.Kind switch
    {
        ScopeKind.Key => "this key",
        ScopeKind.Gateway => "the whole gateway",
        _ => $"{scope.Kind.ToName()} {scope.Name}",
    };

    private const string Unlimited = "∞";

    public sealed record Limit(string Of, string Rpm, string Tpm, string Parallel)
    {
        public bool IsNone => this is { Rpm: Unlimited, Tpm: Unlimited, Parallel: Unlimited };
    }

    public sealed record Money(string Name, string Of, bool Hard, BudgetState State);
}
