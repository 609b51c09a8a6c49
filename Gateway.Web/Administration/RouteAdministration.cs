using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Route chains. Reading throws when the database cannot be reached; see <see cref="AdministrationDatabase"/>.</summary>
internal sealed class RouteAdministration(AdministrationDatabase database, CatalogSources sources, CatalogChanges changes)
{
    private const string What = "route";

    /// <summary>All, ordered by name.</summary>
    public async Task<IReadOnlyList<RouteView>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<RouteRow> rows = await context.Routes.AsNoTracking().ToListAsync(cancellationToken);
        return [.. sources.File.Routes.Select(View).Concat(rows.Select(View)).OrderBy(r => r.Name, StringComparer.Ordinal)];
    }

    public async Task<AdministrationResult<RouteView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (sources.File.Routes.FirstOrDefault(r => r.Id == id) is { } declared)
        {
            return View(declared);
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        RouteRow? row = await context.Routes.AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, cancellationToken);
        return row is null ? AdministrationFailure.NotFound(What, id) : View(row);
    }

    public Task<AdministrationResult<RouteView>> CreateAsync(RouteChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<RouteView>(actor, edit =>
        {
            var row = new RouteRow { Id = edit.NewId(), Name = edit.RequiredName(change.Name), StepsJson = "[]", CreatedAt = edit.Now };
            if (IsTaken(edit, row))
            {
                return Task.FromResult<AdministrationResult<RouteView>>(AdministrationFailure.NameTaken(What, row.Name));
            }
            edit.Database.Routes.Add(row);
            return Task.FromResult<AdministrationResult<RouteView>>(Save(edit, row, change, null));
        }, cancellationToken);

    public Task<AdministrationResult<RouteView>> UpdateAsync(string id, RouteChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, async (edit, row) =>
        {
            if (await edit.ChangedMeanwhileAsync(row.Id, row.UpdatedAt, change.IfUpdatedAt, cancellationToken) is { } failure)
            {
                return failure;
            }
            RouteView before = View(row);
            string name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            if (name != row.Name)
            {
                await CatalogRename.RouteAsync(edit, row.Name, name, cancellationToken);
                row.Name = name;
            }
            return IsTaken(edit, row) ? AdministrationFailure.NameTaken(What, name) : Save(edit, row, change, before);
        }, cancellationToken);

    /// <summary>A conflict while a model has it as its default.</summary>
    public Task<AdministrationResult<RouteView>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            RouteView before = View(row);
            edit.Database.Routes.Remove(row);
            edit.Definition = edit.Definition with { Routes = edit.Definition.Routes.Without(id, r => r.Id) };
            edit.Audit("route.delete", row.Id, row.Name, before, null);
            return Task.FromResult<AdministrationResult<RouteView>>(before);
        }, cancellationToken, AdministrationOutcome.Conflict);

    private Task<AdministrationResult<RouteView>> ChangeAsync(
        string id,
        Actor actor,
        Func<CatalogEdit, RouteRow, Task<AdministrationResult<RouteView>>> change,
        CancellationToken cancellationToken,
        AdministrationOutcome whenRefused = AdministrationOutcome.Invalid) =>
        changes.ApplyAsync<RouteView>(actor, async edit =>
        {
            if (edit.File.Routes.FirstOrDefault(r => r.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            RouteRow? row = await edit.Database.Routes.FirstOrDefaultAsync(r => r.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id) : await change(edit, row);
        }, cancellationToken, whenRefused);

    private static bool IsTaken(CatalogEdit edit, RouteRow row) =>
        edit.File.Routes.Concat(edit.Definition.Routes).Any(r => r.Id != row.Id && r.Name == row.Name);

    private static RouteView Save(CatalogEdit edit, RouteRow row, RouteChange change, RouteView? before)
    {
        row.StepsJson = change.Steps.HasValue ? AdministrationJson.Serialize(edit.WithoutNulls("steps", change.Steps.Value)) : row.StepsJson;
        row.RetryOnJson = change.RetryOn.HasValue
            ? change.RetryOn.Value is { } names ? AdministrationJson.Serialize(edit.WithoutNulls("retry_on", names)) : null
            : row.RetryOnJson;
        row.RoutingPolicy = change.RoutingPolicy.HasValue ? edit.RoutingPolicy(change.RoutingPolicy.Value) : row.RoutingPolicy;
        row.HedgeAfterMs = change.HedgeAfterMs.Or(row.HedgeAfterMs);
        row.RecoverStreams = change.RecoverStreams.Or(row.RecoverStreams) ?? false;
        row.Active = change.Active.Or(row.Active) ?? true;
        row.Description = change.Description.HasValue ? edit.Limited("description", change.Description.Value, 2000) : row.Description;
        row.UpdatedAt = edit.Now;
        edit.Definition = edit.Definition with { Routes = edit.Definition.Routes.With(CatalogRowReader.Read(row), r => r.Id) };
        RouteView after = View(row);
        edit.Audit(before is null ? "route.create" : "route.update", row.Id, row.Name, before, after);
        return after;
    }

    private static RouteView View(RouteRow row) => View(CatalogRowReader.Read(row)) with { CreatedAt = row.CreatedAt, UpdatedAt = row.UpdatedAt };

    private static RouteView View(RouteDefinition r) => new()
    {
        Id = r.Id,
        Name = r.Name,
        Steps = [.. r.Steps.Select(s => s.ToView())],
        RetryOn = r.RetryOn,
        RoutingPolicy = r.RoutingPolicy,
        HedgeAfterMs = (int?)r.HedgeAfter?.TotalMilliseconds,
        RecoverStreams = r.RecoverStreams,
        Active = r.Active,
        Description = r.Description,
        Source = r.Source,
    };
}
