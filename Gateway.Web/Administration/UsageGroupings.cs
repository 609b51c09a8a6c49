using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Administration;

/// <summary>Names of groupings, and what puts a call into which group.</summary>
public static class UsageGroupings
{
    /// <summary>As the admin API and addresses spell it; empty for none.</summary>
    public static string ToName(this UsageGrouping grouping) => grouping == UsageGrouping.None ? "" : grouping.ToString().ToLowerInvariant();

    public static bool TryParse(string? name, out UsageGrouping grouping)
    {
        foreach (UsageGrouping one in Enum.GetValues<UsageGrouping>())
        {
            if (one.ToName() == (name ?? ""))
            {
                grouping = one;
                return true;
            }
        }
        grouping = default;
        return false;
    }

    /// <summary>The field that a query names to see one group alone.</summary>
    public static RequestField? Field(this UsageGrouping grouping) => RequestField.Find(grouping.ToName());

    internal static bool IsInRollups(this UsageGrouping grouping) =>
        grouping is UsageGrouping.None or UsageGrouping.Key or UsageGrouping.Model or UsageGrouping.Provider or UsageGrouping.Backend or UsageGrouping.Team;

    internal static string? Of(this UsageGrouping grouping, RollupDimensions dimensions, UsageRecord? record, IReadOnlyDictionary<string, string> teams) => grouping switch
    {
        UsageGrouping.None => null,
        UsageGrouping.Key => dimensions.KeyId,
        UsageGrouping.Model => dimensions.Model,
        UsageGrouping.Provider => dimensions.Provider,
        UsageGrouping.Backend => dimensions.BackendId,
        UsageGrouping.Team => teams.GetValueOrDefault(dimensions.KeyId, ""),
        UsageGrouping.Route => record?.Route ?? "",
        UsageGrouping.Status => record is null ? "" : $"{record.Status / 100}xx",
        UsageGrouping.Error => record?.ErrorKind ?? "",
        _ => record?.Operation.ToName() ?? "",
    };

    /// <summary>The name of the team of each key that is in one.</summary>
    internal static Dictionary<string, string> TeamsOf(CatalogDefinition catalog)
    {
        var names = new Dictionary<string, string>();
        foreach (TeamDefinition team in catalog.Teams)
        {
            names[team.Id] = names[team.Name] = team.Name;
        }
        return catalog.Keys.Where(k => k.Team is not null).ToDictionary(k => k.Id, k => names.GetValueOrDefault(k.Team!, k.Team!));
    }
}
