using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Limits of teams, models, providers and the whole gateway; a key's own are set with the key.</summary>
internal sealed class LimitAdministration(CatalogSources sources, CatalogChanges changes)
{
    public IReadOnlyList<LimitView> List() =>
    [
        .. sources.File.Limits.Concat(sources.Database.Definition.Limits).Select(l => View(l, sources.File, sources.Database.Definition))
            .OrderBy(l => l.Scope, StringComparer.Ordinal).ThenBy(l => l.Name, StringComparer.Ordinal),
    ];

    /// <summary>Those that <paramref name="viewer"/> is to see: an operator of some teams sees theirs.</summary>
    public IEnumerable<LimitView> List(Actor viewer) =>
        List().Where(l => viewer.Teams is null || (l.Scope == ScopeKind.Team.ToName() && viewer.IsOperatorOf(l.Of)));

    /// <summary>Sets the limits of one scope; those left out stay. All at zero takes the entry away.</summary>
    /// <param name="of">Id or name; empty or <c>-</c> for the gateway.</param>
    public Task<AdministrationResult<LimitView>> SetAsync(string scope, string of, LimitChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<LimitView>(actor, async edit =>
        {
            if (!ScopeKinds.TryParse(scope, out ScopeKind kind) || kind == ScopeKind.Key)
            {
                return AdministrationFailure.Invalid("scope", "Limits are set on a team, model, provider or the gateway; a key's own are set with the key.");
            }
            if (ScopeNames.Find(edit.File, edit.Definition, kind, of) is not { } found)
            {
                return AdministrationFailure.NotFound(kind.ToName(), of);
            }
            if (!actor.IsOperatorOf(kind == ScopeKind.Team ? found.Id : null))
            {
                return AdministrationFailure.Forbidden;
            }
            if (edit.File.Limits.Any(l => l.Scope == kind && (l.Of == found.Id || l.Of == found.Name)))
            {
                return AdministrationFailure.ReadOnly("limit of", found.Name);
            }
            string name = kind.ToName();
            LimitRow? row = await edit.Database.Limits.FirstOrDefaultAsync(l => l.Scope == name && l.Of == found.Id, cancellationToken);
            LimitView? before = row is null ? null : View(CatalogRowReader.Read(row), edit.File, edit.Definition);
            if (row is null)
            {
                row = new LimitRow { Scope = name, Of = found.Id };
                edit.Database.Limits.Add(row);
            }
            row.Rpm = change.RpmLimit.Or(row.Rpm) ?? 0;
            row.Tpm = change.TpmLimit.Or(row.Tpm) ?? 0;
            row.MaxParallel = change.MaxParallel.Or(row.MaxParallel) ?? 0;
            row.UpdatedAt = edit.Now;
            LimitDefinition limit = CatalogRowReader.Read(row);
            List<LimitDefinition> limits = [.. edit.Definition.Limits.Where(l => l.Scope != kind || l.Of != found.Id)];
            if (limit is { Rpm: 0, Tpm: 0, MaxParallel: 0 })
            {
                edit.Database.Limits.Remove(row);
            }
            else
            {
                limits.Add(limit);
            }
            edit.Definition = edit.Definition with { Limits = limits };
            LimitView after = View(limit, edit.File, edit.Definition);
            edit.Audit("limit.set", found.Id, found.Name, before, after);
            return after;
        }, cancellationToken, ofTeams: true);

    private static LimitView View(LimitDefinition l, CatalogDefinition file, CatalogDefinition database)
    {
        (string Id, string Name)? found = ScopeNames.Find(file, database, l.Scope, l.Of);
        return new LimitView
        {
            Scope = l.Scope.ToName(),
            Of = found?.Id ?? l.Of,
            Name = found?.Name ?? l.Of,
            RpmLimit = l.Rpm,
            TpmLimit = l.Tpm,
            MaxParallel = l.MaxParallel,
            Source = l.Source,
        };
    }
}
