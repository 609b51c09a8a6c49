using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Models and their backends. Reading throws when the database cannot be reached; see <see cref="AdministrationDatabase"/>.</summary>
internal sealed class ModelAdministration(AdministrationDatabase database, CatalogSources sources, CatalogChanges changes)
{
    private const string What = "model";

    /// <summary>All, ordered by name.</summary>
    public async Task<IReadOnlyList<ModelView>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<ModelRow> rows = await context.Models.AsNoTracking().Include(m => m.Backends).ToListAsync(cancellationToken);
        return [.. sources.File.Models.Select(View).Concat(rows.Select(View)).OrderBy(m => m.Name, StringComparer.Ordinal)];
    }

    public async Task<AdministrationResult<ModelView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (sources.File.Models.FirstOrDefault(m => m.Id == id) is { } declared)
        {
            return View(declared);
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        ModelRow? row = await context.Models.AsNoTracking().Include(m => m.Backends).FirstOrDefaultAsync(m => m.Id == id, cancellationToken);
        return row is null ? AdministrationFailure.NotFound(What, id) : View(row);
    }

    public Task<AdministrationResult<ModelView>> CreateAsync(ModelChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<ModelView>(actor, edit =>
        {
            var row = new ModelRow { Id = edit.NewId(), Name = edit.RequiredName(change.Name), CreatedAt = edit.Now };
            if (IsTaken(edit, row))
            {
                return Task.FromResult<AdministrationResult<ModelView>>(AdministrationFailure.NameTaken(What, row.Name));
            }
            edit.Database.Models.Add(row);
            return Task.FromResult<AdministrationResult<ModelView>>(Save(edit, row, change, null));
        }, cancellationToken);

    public Task<AdministrationResult<ModelView>> UpdateAsync(string id, ModelChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<ModelView>(id, actor, async (edit, row) =>
        {
            if (await edit.ChangedMeanwhileAsync(row.Id, row.UpdatedAt, change.IfUpdatedAt, cancellationToken) is { } failure)
            {
                return failure;
            }
            ModelView before = View(row);
            string name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            if (name != row.Name)
            {
                await CatalogRename.ModelAsync(edit, row.Name, name, cancellationToken);
                row.Name = name;
            }
            return IsTaken(edit, row) ? AdministrationFailure.NameTaken(What, name) : Save(edit, row, change, before);
        }, cancellationToken);

    public Task<AdministrationResult<ModelView>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<ModelView>(id, actor, (edit, row) =>
        {
            ModelView before = View(row);
            edit.Database.Models.Remove(row);
            edit.Definition = edit.Definition with { Models = edit.Definition.Models.Without(id, m => m.Id) };
            edit.Audit("model.delete", row.Id, row.Name, before, null);
            return Task.FromResult<AdministrationResult<ModelView>>(before);
        }, cancellationToken, AdministrationOutcome.Conflict);

    public Task<AdministrationResult<BackendView>> AddBackendAsync(string modelId, BackendChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<BackendView>(modelId, actor, (edit, row) =>
        {
            ModelView before = View(row);
            BackendRow backend = row.AddBackend(edit, change, "backends[" + row.Backends.Count + "]");
            SaveBackends(edit, row, before);
            return Task.FromResult<AdministrationResult<BackendView>>(View(backend));
        }, cancellationToken);

    public Task<AdministrationResult<BackendView>> UpdateBackendAsync(
        string modelId, string backendId, BackendChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<BackendView>(modelId, actor, (edit, row) =>
        {
            if (row.Backends.Find(b => b.Id == backendId) is not { } backend)
            {
                return Task.FromResult<AdministrationResult<BackendView>>(AdministrationFailure.NotFound("backend", backendId));
            }
            ModelView before = View(row);
            backend.Apply(edit, change, "");
            SaveBackends(edit, row, before);
            return Task.FromResult<AdministrationResult<BackendView>>(View(backend));
        }, cancellationToken);

    public Task<AdministrationResult<BackendView>> RemoveBackendAsync(string modelId, string backendId, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<BackendView>(modelId, actor, (edit, row) =>
        {
            if (row.Backends.Find(b => b.Id == backendId) is not { } backend)
            {
                return Task.FromResult<AdministrationResult<BackendView>>(AdministrationFailure.NotFound("backend", backendId));
            }
            ModelView before = View(row);
            row.Backends.Remove(backend);
            SaveBackends(edit, row, before);
            return Task.FromResult<AdministrationResult<BackendView>>(View(backend));
        }, cancellationToken, AdministrationOutcome.Conflict);

    private Task<AdministrationResult<T>> ChangeAsync<T>(
        string id,
        Actor actor,
        Func<CatalogEdit, ModelRow, Task<AdministrationResult<T>>> change,
        CancellationToken cancellationToken,
        AdministrationOutcome whenRefused = AdministrationOutcome.Invalid) =>
        changes.ApplyAsync<T>(actor, async edit =>
        {
            if (edit.File.Models.FirstOrDefault(m => m.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            ModelRow? row = await edit.Database.Models.Include(m => m.Backends).FirstOrDefaultAsync(m => m.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id) : await change(edit, row);
        }, cancellationToken, whenRefused);

    private static bool IsTaken(CatalogEdit edit, ModelRow row) =>
        edit.File.Models.Concat(edit.Definition.Models).Any(m => m.Id != row.Id && (m.Name == row.Name || m.Aliases.Contains(row.Name)));

    private static ModelView Save(CatalogEdit edit, ModelRow row, ModelChange change, ModelView? before)
    {
        row.Apply(edit, change);
        edit.Definition = edit.Definition with { Models = edit.Definition.Models.With(CatalogRowReader.Read(row), m => m.Id) };
        ModelView after = View(row);
        edit.Audit(before is null ? "model.create" : "model.update", row.Id, row.Name, before, after);
        return after;
    }

    private static void SaveBackends(CatalogEdit edit, ModelRow row, ModelView before) => Save(edit, row, new ModelChange(), before);

    private static ModelView View(ModelRow row) => View(CatalogRowReader.Read(row)) with { UpdatedAt = row.UpdatedAt };

    private static ModelView View(ModelDefinition m) => new()
    {
        Id = m.Id,
        Name = m.Name,
        ModelId = m.ModelId,
        Aliases = m.Aliases,
        Active = m.Active,
        DefaultParams = m.DefaultParamsJson is null ? null : JsonElement.Parse(m.DefaultParamsJson),
        ReasoningConfig = m.ReasoningEnabled is null ? null : new ReasoningConfig(m.ReasoningEnabled),
        Transforms = m.SystemPromptPrefix is null ? null : new ModelTransforms(m.SystemPromptPrefix),
        OnLoss = m.OnLoss.ToName(),
        DefaultRoute = m.DefaultRoute,
        MaxOutputTokens = m.MaxOutputTokens,
        RoutingPolicy = m.RoutingPolicy,
        MaxConcurrency = m.MaxConcurrency,
        Description = m.Description,
        Backends = [.. m.Backends.Select(b => new BackendView
        {
            Id = b.Id,
            Provider = b.Provider,
            Url = b.Url,
            UpstreamModel = b.UpstreamModel,
            Weight = b.Weight,
            Priority = b.Priority,
            Active = b.Active,
            Draining = b.Draining,
            MaxConcurrency = b.MaxConcurrency,
        })],
        Source = m.Source,
        CreatedAt = m.CreatedAt,
        UpdatedAt = m.CreatedAt,
    };

    private static BackendView View(BackendRow b) => new()
    {
        Id = b.Id,
        Provider = b.Provider,
        Url = b.Url,
        UpstreamModel = b.UpstreamModel,
        Weight = b.Weight,
        Priority = b.Priority,
        Active = b.Active,
        Draining = b.Draining,
        MaxConcurrency = b.MaxConcurrency,
    };
}
