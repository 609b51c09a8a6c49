using Gateway.Core.Catalog;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Teams: groups of keys with limits, budgets and models in common. Lists are as of the catalog in force.</summary>
internal sealed class TeamAdministration(CatalogSources sources, CatalogChanges changes)
{
    private const string What = "team";

    /// <summary>All, ordered by name.</summary>
    public IReadOnlyList<TeamView> List() =>
        [.. All().Select(View).OrderBy(t => t.Name, StringComparer.Ordinal)];

    public AdministrationResult<TeamView> Get(string id) =>
        All().FirstOrDefault(t => t.Id == id) is { } team ? View(team) : AdministrationFailure.NotFound(What, id);

    public Task<AdministrationResult<TeamView>> CreateAsync(TeamChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<TeamView>(actor, edit =>
        {
            var row = new TeamRow { Id = edit.NewId(), Name = edit.RequiredName(change.Name), CreatedAt = edit.Now };
            if (IsTaken(edit, row))
            {
                return Task.FromResult<AdministrationResult<TeamView>>(AdministrationFailure.NameTaken(What, row.Name));
            }
            edit.Database.Teams.Add(row);
            return Task.FromResult<AdministrationResult<TeamView>>(Save(edit, row, change, null));
        }, cancellationToken);

    public Task<AdministrationResult<TeamView>> UpdateAsync(string id, TeamChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            TeamView before = View(CatalogRowReader.Read(row));
            row.Name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            return IsTaken(edit, row) ? AdministrationFailure.NameTaken(What, row.Name) : Save(edit, row, change, before);
        }, cancellationToken);

    /// <summary>A conflict while keys, limits or budgets refer to it.</summary>
    public Task<AdministrationResult<TeamView>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            TeamView before = View(CatalogRowReader.Read(row));
            edit.Database.Teams.Remove(row);
            edit.Definition = edit.Definition with { Teams = edit.Definition.Teams.Without(id, t => t.Id) };
            edit.Audit("team.delete", row.Id, row.Name, before, null);
            return before;
        }, cancellationToken, AdministrationOutcome.Conflict);

    private Task<AdministrationResult<TeamView>> ChangeAsync(
        string id,
        Actor actor,
        Func<CatalogEdit, TeamRow, AdministrationResult<TeamView>> change,
        CancellationToken cancellationToken,
        AdministrationOutcome whenRefused = AdministrationOutcome.Invalid) =>
        changes.ApplyAsync<TeamView>(actor, async edit =>
        {
            if (edit.File.Teams.FirstOrDefault(t => t.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            TeamRow? row = await edit.Database.Teams.FirstOrDefaultAsync(t => t.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id) : change(edit, row);
        }, cancellationToken, whenRefused);

    private static bool IsTaken(CatalogEdit edit, TeamRow row) =>
        edit.File.Teams.Concat(edit.Definition.Teams).Any(t => t.Id != row.Id && t.Name == row.Name);

    private TeamView Save(CatalogEdit edit, TeamRow row, TeamChange change, TeamView? before)
    {
        row.Active = change.Active.Or(row.Active) ?? true;
        row.AllowedModelsJson = change.AllowedModels.HasValue ? Texts(edit, "allowed_models", change.AllowedModels.Value) : row.AllowedModelsJson;
        row.OwnersJson = change.Owners.HasValue ? Texts(edit, "owners", change.Owners.Value) : row.OwnersJson;
        row.Description = change.Description.HasValue ? edit.Limited("description", change.Description.Value, 2000) : row.Description;
        row.UpdatedAt = edit.Now;
        TeamDefinition team = CatalogRowReader.Read(row);
        edit.Definition = edit.Definition with { Teams = edit.Definition.Teams.With(team, t => t.Id) };
        TeamView after = View(team);
        edit.Audit(before is null ? "team.create" : "team.update", row.Id, row.Name, before, after);
        return after;
    }

    private static string Texts(CatalogEdit edit, string path, IReadOnlyList<string>? texts)
    {
        if (texts?.Any(t => string.IsNullOrWhiteSpace(t) || t.Length > 200) == true)
        {
            edit.Error(path, "Each has 1 to 200 characters.");
        }
        return AdministrationJson.Serialize((texts ?? []).Distinct(StringComparer.Ordinal));
    }

    private IEnumerable<TeamDefinition> All() => sources.File.Teams.Concat(sources.Database.Definition.Teams);

    private TeamView View(TeamDefinition t) => new()
    {
        Id = t.Id,
        Name = t.Name,
        Active = t.Active,
        AllowedModels = t.AllowedModels,
        Owners = t.Owners,
        Description = t.Description,
        Keys = sources.File.Keys.Concat(sources.Database.Definition.Keys).Count(k => k.Team == t.Id || k.Team == t.Name),
        Source = t.Source,
    };
}
