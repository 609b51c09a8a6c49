using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Lets everything in the database that refers to an entry by its name follow a new name.</summary>
internal static class CatalogRename
{
    public static async Task ProviderAsync(CatalogEdit edit, string from, string to, CancellationToken cancellationToken)
    {
        foreach (BackendRow backend in await edit.Database.Backends.Where(b => b.Provider == from).ToListAsync(cancellationToken))
        {
            backend.Provider = to;
        }
        foreach (ApiKeyRow key in await edit.Database.ApiKeys.Where(k => k.DefaultProvider == from).ToListAsync(cancellationToken))
        {
            key.DefaultProvider = to;
        }
        edit.Definition = edit.Definition with
        {
            Models = [.. edit.Definition.Models.Select(m => m with
            {
                Backends = [.. m.Backends.Select(b => b.Provider == from ? b with { Provider = to } : b)],
            })],
            Keys = [.. edit.Definition.Keys.Select(k => k.DefaultProvider == from ? k with { DefaultProvider = to } : k)],
        };
        await StepsAsync(edit, s => s.Provider == from ? s with { Provider = to } : s, cancellationToken);
    }

    public static Task ModelAsync(CatalogEdit edit, string from, string to, CancellationToken cancellationToken) =>
        StepsAsync(edit, s => s.Model == from ? s with { Model = to } : s, cancellationToken);

    public static async Task RouteAsync(CatalogEdit edit, string from, string to, CancellationToken cancellationToken)
    {
        foreach (ModelRow model in await edit.Database.Models.Where(m => m.DefaultRoute == from).ToListAsync(cancellationToken))
        {
            model.DefaultRoute = to;
        }
        edit.Definition = edit.Definition with
        {
            Models = [.. edit.Definition.Models.Select(m => m.DefaultRoute == from ? m with { DefaultRoute = to } : m)],
        };
    }

    private static async Task StepsAsync(CatalogEdit edit, Func<RouteStepView, RouteStepView> follow, CancellationToken cancellationToken)
    {
        foreach (RouteRow row in await edit.Database.Routes.ToListAsync(cancellationToken))
        {
            IReadOnlyList<RouteStepView> before = CatalogRowReader.Steps(row);
            RouteStepView[] after = [.. before.Select(follow)];
            if (!after.SequenceEqual(before))
            {
                row.StepsJson = AdministrationJson.Serialize(after);
                edit.Definition = edit.Definition with
                {
                    Routes = [.. edit.Definition.Routes.Select(r => r.Id == row.Id ? CatalogRowReader.Read(row) : r)],
                };
            }
        }
    }
}
