using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Upstream accounts. Reading throws when the database cannot be reached; see <see cref="AdministrationDatabase"/>.</summary>
internal sealed class ProviderAdministration(
    AdministrationDatabase database,
    CatalogSources sources,
    CatalogChanges changes,
    CatalogRowReader rows,
    ProviderRowChanges rowChanges,
    ProviderProbe probe,
    GatewayCatalog catalog,
    TimeProvider time)
{
    private const string What = "provider";

    /// <summary>All, ordered by name.</summary>
    public async Task<IReadOnlyList<ProviderView>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<ProviderRow> found = await context.Providers.AsNoTracking().Include(p => p.Credentials).ToListAsync(cancellationToken);
        return [.. sources.File.Providers.Select(View).Concat(found.Select(View)).OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    public async Task<AdministrationResult<ProviderView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (sources.File.Providers.FirstOrDefault(p => p.Id == id) is { } declared)
        {
            return View(declared);
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        ProviderRow? row = await context.Providers.AsNoTracking().Include(p => p.Credentials).FirstOrDefaultAsync(p => p.Id == id, cancellationToken);
        return row is null ? AdministrationFailure.NotFound(What, id) : View(row);
    }

    public Task<AdministrationResult<ProviderView>> CreateAsync(ProviderChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<ProviderView>(actor, edit =>
        {
            var row = new ProviderRow
            {
                Id = edit.NewId(),
                Name = edit.RequiredName(change.Name),
                Kind = ProviderKind.OpenAICompatible.ToName(),
                CreatedAt = edit.Now,
            };
            if (IsTaken(edit, row))
            {
                return Task.FromResult<AdministrationResult<ProviderView>>(AdministrationFailure.NameTaken(What, row.Name));
            }
            edit.Database.Providers.Add(row);
            return Task.FromResult<AdministrationResult<ProviderView>>(Save(edit, row, change, null));
        }, cancellationToken);

    public Task<AdministrationResult<ProviderView>> UpdateAsync(string id, ProviderChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, async (edit, row) =>
        {
            if (await edit.ChangedMeanwhileAsync(row.Id, row.UpdatedAt, change.IfUpdatedAt, cancellationToken) is { } failure)
            {
                return failure;
            }
            ProviderView before = View(row);
            string name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            if (name != row.Name)
            {
                await CatalogRename.ProviderAsync(edit, row.Name, name, cancellationToken);
                row.Name = name;
            }
            return IsTaken(edit, row) ? AdministrationFailure.NameTaken(What, name) : Save(edit, row, change, before);
        }, cancellationToken);

    /// <summary>A conflict while a backend, a route or a key's default still names it.</summary>
    public Task<AdministrationResult<ProviderView>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            ProviderView before = View(row);
            edit.Database.Providers.Remove(row);
            edit.Definition = edit.Definition with { Providers = edit.Definition.Providers.Without(id, p => p.Id) };
            foreach (ApiKeyDefinition key in edit.File.Keys.Concat(edit.Definition.Keys).Where(k => k.DefaultProvider == row.Name))
            {
                edit.Error($"keys[{key.Name}].default_provider", "The key would lose its default provider.");
            }
            edit.Audit("provider.delete", row.Id, row.Name, before, null);
            return Task.FromResult<AdministrationResult<ProviderView>>(before);
        }, cancellationToken, AdministrationOutcome.Conflict);

    /// <summary>Calls the upstream once, as it is in force now, and says what it found. Changes nothing.</summary>
    public async Task<AdministrationResult<ProviderTestResult>> TestAsync(string id, CancellationToken cancellationToken)
    {
        Provider? provider = catalog.Current.Providers.Values.FirstOrDefault(p => p.Id == id);
        return provider is null ? AdministrationFailure.NotFound(What, id) : await probe.TestAsync(provider, cancellationToken);
    }

    /// <summary>How the provider's credentials stand on this node, as it is in force now.</summary>
    public AdministrationResult<CredentialStatus[]> Pool(string id) =>
        catalog.Current.Providers.Values.FirstOrDefault(p => p.Id == id) is { } provider
            ? CredentialStatus.Of(provider, time).ToArray()
            : AdministrationFailure.NotFound(What, id);

    private Task<AdministrationResult<ProviderView>> ChangeAsync(
        string id,
        Actor actor,
        Func<CatalogEdit, ProviderRow, Task<AdministrationResult<ProviderView>>> change,
        CancellationToken cancellationToken,
        AdministrationOutcome whenRefused = AdministrationOutcome.Invalid) =>
        changes.ApplyAsync<ProviderView>(actor, async edit =>
        {
            if (edit.File.Providers.FirstOrDefault(p => p.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            ProviderRow? row = await edit.Database.Providers.Include(p => p.Credentials).FirstOrDefaultAsync(p => p.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id) : await change(edit, row);
        }, cancellationToken, whenRefused);

    private static bool IsTaken(CatalogEdit edit, ProviderRow row) =>
        edit.File.Providers.Concat(edit.Definition.Providers).Any(p => p.Id != row.Id && p.Name == row.Name);

    private ProviderView Save(CatalogEdit edit, ProviderRow row, ProviderChange change, ProviderView? before)
    {
        rowChanges.Apply(row, edit, change);
        edit.Definition = edit.Definition with { Providers = edit.Definition.Providers.With(rows.Read(row), p => p.Id) };
        ProviderView after = View(row);
        edit.Audit(before is null ? "provider.create" : "provider.update", row.Id, row.Name, before, after);
        return after;
    }

    private ProviderView View(ProviderRow row) => View(CatalogRowReader.ReadWithoutCredentials(row)) with
    {
        // From the row, so that a credential that cannot be decrypted is still seen and can be replaced.
        Credentials = [.. row.Credentials.OrderBy(c => c.Position).Select(c => View(row.Name, c.Id, c.Label, c.RpmLimit, c.TpmLimit))],
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    };

    private ProviderView View(ProviderDefinition p) => new()
    {
        Id = p.Id,
        Name = p.Name,
        Kind = p.Kind.ToName(),
        BaseUrl = p.BaseUrl,
        Credentials = [.. p.Credentials.Select(c => View(p.Name, c.Id, c.Label, c.RpmLimit, c.TpmLimit))],
        Settings = ProviderSettings.Join(p),
        Active = p.Active,
        Draining = p.Draining,
        Source = p.Source,
    };

    private CredentialView View(string provider, string id, string label, int? rpm, int? tpm) => new()
    {
        Id = id,
        Label = label,
        RpmLimit = rpm,
        TpmLimit = tpm,
        RefusedBecause = catalog.Current.Providers.TryGetValue(provider, out Provider? live)
            && Array.Find(live.Pool, c => c.Definition.Id == id) is { } credential
            ? credential.State.FindSetAside(null, (long)time.GetElapsedTime(0).TotalMilliseconds)?.Reason.ToName()
            : null,
    };
}
