using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Web.Configuration;

/// <summary>Reads the lists <c>teams</c>, <c>limits</c> and <c>budgets</c> of a YAML file.</summary>
internal static class FileLimits
{
    private const EntrySource Source = EntrySource.File;

    public static TeamDefinition ReadTeam(YamlMap map)
    {
        string name = map.RequiredText("name");
        var team = new TeamDefinition
        {
            Id = FileCatalog.Id("team", name),
            Name = name,
            Active = map.Boolean("active") ?? true,
            AllowedModels = map.Texts("allowed_models") ?? [],
            Owners = map.Texts("owners") ?? [],
            Description = map.Text("description"),
            Source = Source,
        };
        map.End();
        return team;
    }

    public static LimitDefinition ReadLimit(YamlMap map)
    {
        (ScopeKind scope, string of) = ReadScope(map);
        var limit = new LimitDefinition
        {
            Scope = scope,
            Of = of,
            Rpm = map.Integer("rpm_limit") ?? 0,
            Tpm = map.Integer("tpm_limit") ?? 0,
            MaxParallel = map.Integer("max_parallel") ?? 0,
            Source = Source,
        };
        map.End();
        return limit;
    }

    public static BudgetDefinition ReadBudget(YamlMap map)
    {
        string name = map.RequiredText("name");
        (ScopeKind scope, string of) = ReadScope(map);
        BudgetPeriod period = BudgetPeriod.Month;
        if (map.Text("period") is { } given && !BudgetPeriods.TryParse(given, out period))
        {
            map.Error("period", $"One of {string.Join(", ", BudgetPeriods.All)}.");
        }
        if (map.Text("amount_usd") is null)
        {
            map.Error("amount_usd", "It is needed: a number of dollars such as 50.");
        }
        var budget = new BudgetDefinition
        {
            Id = FileCatalog.Id("budget", name),
            Name = name,
            Scope = scope,
            Of = of,
            Amount = map.Money("amount_usd") ?? NanoUsd.Zero,
            Period = period,
            TimeZone = map.Text("time_zone"),
            From = map.Instant("starts_at"),
            Until = map.Instant("ends_at"),
            Hard = map.Boolean("hard") ?? true,
            Extra = map.Money("extra_usd") ?? NanoUsd.Zero,
            ExtraUntil = map.Instant("extra_until"),
            Active = map.Boolean("active") ?? true,
            Source = Source,
        };
        map.End();
        return budget;
    }

    private static (ScopeKind Scope, string Of) ReadScope(YamlMap map)
    {
        if (!ScopeKinds.TryParse(map.RequiredText("scope"), out ScopeKind scope))
        {
            map.Error("scope", $"One of {string.Join(", ", ScopeKinds.All)}.");
        }
        return (scope, scope == ScopeKind.Gateway ? map.Text("of") ?? "" : map.RequiredText("of"));
    }
}
