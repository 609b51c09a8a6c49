using System.Diagnostics.CodeAnalysis;
using Gateway.Core.Budgets;
using Gateway.Core.Limits;

namespace Gateway.Core.Catalog;

/// <content>Teams, limits and budgets.</content>
internal sealed partial class CatalogBuilder
{
    /// <summary>Stands for the whole gateway, which has no id of its own.</summary>
    private const string TheGateway = "gateway";

    private readonly Dictionary<string, Team> _teams = new(StringComparer.Ordinal);
    private readonly Dictionary<(ScopeKind Kind, string Id), LimitScope> _scopes = [];
    private readonly Dictionary<string, Budget> _budgets = new(StringComparer.Ordinal);
    private readonly Dictionary<ScopeKind, Dictionary<string, string>> _names = [];
    private LimitScope? _gatewayLimits;

    /// <summary>Before all else, since keys, models and providers hold their scopes.</summary>
    private void BuildScopes()
    {
        var limits = new Dictionary<(ScopeKind, string), LimitDefinition>();
        foreach (LimitDefinition limit in definition.Limits)
        {
            string path = $"limits[{limit.Scope.ToName()}/{limit.Of}]";
            if (limit.Scope == ScopeKind.Key)
            {
                Error(path, "A key's limits stand with the key.");
            }
            else if (CheckLimits(path, limit.Rpm, limit.Tpm, limit.MaxParallel) && TryResolve(path, limit.Scope, limit.Of, out string? id) && !limits.TryAdd((limit.Scope, id), limit))
            {
                Error(path, "There are two limits of the same scope.");
            }
        }
        ILookup<(ScopeKind, string), Budget> budgets = BuildBudgets();
        foreach ((ScopeKind Kind, string Id) scope in limits.Keys.Concat(budgets.Select(b => b.Key)).Distinct())
        {
            LimitDefinition? limit = limits.GetValueOrDefault(scope);
            _scopes[scope] = new LimitScope
            {
                Kind = scope.Kind,
                Id = scope.Id,
                Name = DisplayName(scope.Kind, scope.Id),
                Rpm = limit?.Rpm ?? 0,
                Tpm = limit?.Tpm ?? 0,
                MaxParallel = limit?.MaxParallel ?? 0,
                Budgets = [.. budgets[scope]],
                State = previous.Scopes.TryGetValue(scope, out LimitScope? old) ? old.State : new ScopeState(),
            };
        }
        _gatewayLimits = _scopes.GetValueOrDefault((ScopeKind.Gateway, TheGateway));
        foreach (TeamDefinition team in definition.Teams)
        {
            _teams[team.Id] = new Team
            {
                Id = team.Id,
                Name = team.Name,
                Active = team.Active,
                AllowedModels = [.. team.AllowedModels.Select(a => new ModelPattern(a))],
                Limits = _scopes.GetValueOrDefault((ScopeKind.Team, team.Id)),
            };
        }
    }

    /// <summary>Notes each limit that is none, under the name that it has in files and in the admin API.</summary>
    private bool CheckLimits(string path, int? rpm, int? tpm, int? parallel)
    {
        int before = _errors.Count;
        foreach ((string field, int? limit) in (ReadOnlySpan<(string, int?)>)[("rpm_limit", rpm), ("tpm_limit", tpm), ("max_parallel", parallel)])
        {
            if (limit < 0)
            {
                Error($"{path}.{field}", "Limits are 0 (unlimited) or more.");
            }
        }
        return _errors.Count == before;
    }

    private ILookup<(ScopeKind, string), Budget> BuildBudgets()
    {
        var all = new List<((ScopeKind, string) Scope, Budget Budget)>();
        foreach (BudgetDefinition b in definition.Budgets)
        {
            string path = $"budgets[{b.Name}]";
            bool resolved = TryResolve(path, b.Scope, b.Of, out string? id);
            TimeZoneInfo zone = TimeZoneInfo.Utc;
            if (b.TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(b.TimeZone, out zone!))
            {
                Error($"{path}.time_zone", $"\"{b.TimeZone}\" is no time zone known here; use an IANA name such as Europe/Berlin.");
                continue;
            }
            if (b.Amount.Value < 0)
            {
                Error($"{path}.amount_usd", "An amount is not negative.");
            }
            if (b.Extra.Value < 0)
            {
                Error($"{path}.extra_usd", "An amount is not negative.");
            }
            if (b.Period != BudgetPeriod.Fixed && (b.From ?? b.Until) is not null)
            {
                Error($"{path}.{(b.From is null ? "ends_at" : "starts_at")}", "Only a fixed budget has a start and an end of its own.");
            }
            if (b.From >= b.Until)
            {
                Error($"{path}.ends_at", "A budget ends after it starts.");
            }
            if (!resolved || !b.Active)
            {
                continue;
            }
            var budget = new Budget
            {
                Id = b.Id,
                Name = b.Name,
                Amount = b.Amount,
                Period = b.Period,
                Zone = zone,
                From = b.From ?? DateTimeOffset.MinValue,
                Until = b.Until ?? DateTimeOffset.MaxValue,
                Hard = b.Hard,
                Extra = b.Extra,
                ExtraUntil = b.ExtraUntil ?? DateTimeOffset.MinValue,
                Meter = new BudgetMeter(),
            };
            // Other windows, or another scope, have another past: a new meter is told it from the books.
            if (previous.Budgets.TryGetValue(b.Id, out Budget? old) && old.HasSameWindows(budget)
                && previous.Scopes.TryGetValue((b.Scope, id!), out LimitScope? scope) && scope.Budgets.Any(x => ReferenceEquals(x, old)))
            {
                budget = budget with { Meter = old.Meter };
            }
            _budgets[b.Id] = budget;
            all.Add(((b.Scope, id!), budget));
        }
        return all.ToLookup(a => a.Scope, a => a.Budget);
    }

    private bool TryResolve(string path, ScopeKind kind, string of, [NotNullWhen(true)] out string? id)
    {
        id = kind == ScopeKind.Gateway ? TheGateway : NamesOf(kind).GetValueOrDefault(of);
        // A key that was revoked takes its budgets out of force with it.
        if (id is null && kind != ScopeKind.Key)
        {
            Error(path, $"There is no {kind.ToName()} \"{of}\".");
        }
        return id is not null;
    }

    /// <summary>Ids by id and by name; made when first asked for, since most catalogs limit few things.</summary>
    private Dictionary<string, string> NamesOf(ScopeKind kind)
    {
        if (!_names.TryGetValue(kind, out Dictionary<string, string>? names))
        {
            _names[kind] = names = new(StringComparer.Ordinal);
            foreach ((string id, string name) in Named(kind))
            {
                names[name] = id;
            }
            foreach ((string id, _) in Named(kind))
            {
                names[id] = id;
            }
        }
        return names;
    }

    // A key's scope is made with the key, which knows its name.
    private string DisplayName(ScopeKind kind, string id) => kind == ScopeKind.Key ? id : Named(kind).First(n => n.Id == id).Name;

    private IEnumerable<(string Id, string Name)> Named(ScopeKind kind) => kind switch
    {
        ScopeKind.Key => definition.Keys.Select(k => (k.Id, k.Name)),
        ScopeKind.Team => definition.Teams.Select(t => (t.Id, t.Name)),
        ScopeKind.Model => definition.Models.Select(m => (m.Id, m.Name)),
        ScopeKind.Provider => definition.Providers.Select(p => (p.Id, p.Name)),
        _ => [(TheGateway, "the whole gateway")],
    };

    private Team? TeamOf(string path, ApiKeyDefinition key)
    {
        if (key.Team is null)
        {
            return null;
        }
        if (TryResolve($"{path}.team", ScopeKind.Team, key.Team, out string? id))
        {
            return _teams[id];
        }
        return null;
    }

    /// <summary>What every call of the key is under, narrowest first.</summary>
    private LimitScope[] ScopesOf(ApiKeyDefinition key, KeyState state, Team? team)
    {
        LimitScope? declared = _scopes.GetValueOrDefault((ScopeKind.Key, key.Id));
        var own = new LimitScope
        {
            Kind = ScopeKind.Key,
            Id = key.Id,
            Name = key.Name,
            Rpm = key.RpmLimit,
            Tpm = key.TpmLimit,
            MaxParallel = key.MaxParallel ?? 0,
            Budgets = declared?.Budgets ?? [],
            State = state.Limits,
        };
        bool limitsNothing = own is { Rpm: 0, Tpm: 0, MaxParallel: 0, Budgets.Length: 0 };
        return [.. new[] { limitsNothing ? null : own, team?.Limits, _gatewayLimits }.OfType<LimitScope>()];
    }
}
