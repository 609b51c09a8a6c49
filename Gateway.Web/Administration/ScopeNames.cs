using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Web.Administration;

/// <summary>Finds what a limit or a budget is set on, by id or name.</summary>
internal static class ScopeNames
{
    /// <summary>Shown in place of a name that the whole gateway does not have.</summary>
    public const string Gateway = "the whole gateway";

    /// <summary>The id and the name; null when there is nothing of the kind.</summary>
    public static (string Id, string Name)? Find(CatalogDefinition file, CatalogDefinition database, ScopeKind kind, string? of)
    {
        if (kind == ScopeKind.Gateway)
        {
            return ("", Gateway);
        }
        IEnumerable<(string Id, string Name)> all = kind switch
        {
            ScopeKind.Key => file.Keys.Concat(database.Keys).Select(k => (k.Id, k.Name)),
            ScopeKind.Team => file.Teams.Concat(database.Teams).Select(t => (t.Id, t.Name)),
            ScopeKind.Model => file.Models.Concat(database.Models).Select(m => (m.Id, m.Name)),
            _ => file.Providers.Concat(database.Providers).Select(p => (p.Id, p.Name)),
        };
        (string Id, string Name)? byName = null;
        foreach ((string Id, string Name) one in all)
        {
            if (one.Id == of)
            {
                return one;
            }
            byName ??= one.Name == of ? one : null;
        }
        return byName;
    }

    /// <summary>The id of the team that something belongs to: a team itself, or the one of a key; null for all else.</summary>
    public static string? TeamOf(CatalogDefinition file, CatalogDefinition database, ScopeKind kind, string of) => kind switch
    {
        ScopeKind.Team => Find(file, database, kind, of)?.Id,
        ScopeKind.Key => file.Keys.Concat(database.Keys).FirstOrDefault(k => k.Id == of)?.Team is { } team ? Find(file, database, ScopeKind.Team, team)?.Id : null,
        _ => null,
    };
}
