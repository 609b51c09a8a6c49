using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// Makes the database declare what other rows say, as one change. A key that is not among them is revoked, since usage refers
/// to its row; a key that is revoked already stays so.
/// </summary>
internal static class CatalogReplacement
{
    /// <param name="target">Not to be used afterwards: its rows become the context's.</param>
    public static async Task ApplyAsync(CatalogEdit edit, CatalogRows target, CatalogRowReader reader, CancellationToken cancellationToken)
    {
        edit.Definition = target.ToDefinition(reader);
        List<CredentialRow> credentials = [.. target.Providers.SelectMany(p => p.Credentials)];
        List<BackendRow> backends = [.. target.Models.SelectMany(m => m.Backends)];
        target.Providers.ForEach(p => p.Credentials = []);
        target.Models.ForEach(m => m.Backends = []);
        DateTimeOffset now = edit.Now;
        await SyncAsync(edit.Database.Providers, target.Providers, p => p.Id, (p, _) => p.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.Credentials, credentials, c => c.Id, (_, _) => { }, cancellationToken);
        await SyncAsync(edit.Database.Models, target.Models, m => m.Id, (m, _) => m.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.Backends, backends, b => b.Id, (_, _) => { }, cancellationToken);
        await SyncAsync(edit.Database.Routes, target.Routes, r => r.Id, (r, _) => r.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.Teams, target.Teams, t => t.Id, (t, _) => t.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.Limits, target.Limits, l => $"{l.Scope}/{l.Of}", (l, _) => l.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.Budgets, target.Budgets, b => b.Id, (b, _) => b.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.Prices, target.Prices, p => p.Id, (p, _) => p.UpdatedAt = now, cancellationToken);
        await SyncAsync(edit.Database.ApiKeys.Where(k => k.RevokedAt == null), edit.Database.ApiKeys, target.Keys, k => k.Id, (k, gone) =>
        {
            k.UpdatedAt = now;
            if (gone)
            {
                (k.RevokedAt, k.Active) = (now, false);
            }
        }, cancellationToken, revoke: true);
    }

    private static Task SyncAsync<T>(DbSet<T> set, List<T> target, Func<T, string> id, Action<T, bool> touch, CancellationToken cancellationToken)
        where T : class => SyncAsync(set, set, target, id, touch, cancellationToken);

    /// <param name="touch">For a row that changes; the flag says that it is to go.</param>
    private static async Task SyncAsync<T>(
        IQueryable<T> present, DbSet<T> set, List<T> target, Func<T, string> id, Action<T, bool> touch, CancellationToken cancellationToken, bool revoke = false)
        where T : class
    {
        Dictionary<string, T> wanted = target.ToDictionary(id, StringComparer.Ordinal);
        foreach (T row in await present.ToListAsync(cancellationToken))
        {
            if (!wanted.Remove(id(row), out T? want))
            {
                touch(row, true);
                if (!revoke)
                {
                    set.Remove(row);
                }
            }
            else if (!RowComparison.AreSame(row, want))
            {
                set.Entry(row).CurrentValues.SetValues(want);
                touch(row, false);
            }
        }
        foreach (T row in target.Where(t => wanted.ContainsKey(id(t))))
        {
            touch(row, false);
            set.Add(row);
        }
    }
}
