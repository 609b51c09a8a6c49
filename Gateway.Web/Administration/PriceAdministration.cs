using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>
/// Prices that operators set; they win over the built-in ones. Reading throws when the database cannot be reached; see
/// <see cref="AdministrationDatabase"/>.
/// </summary>
internal sealed class PriceAdministration(AdministrationDatabase database, CatalogSources sources, CatalogChanges changes)
{
    private const string What = "price";

    /// <summary>All, ordered by model, the newest first.</summary>
    public async Task<IReadOnlyList<PriceView>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<PriceRow> rows = await context.Prices.AsNoTracking().ToListAsync(cancellationToken);
        return
        [
            .. sources.File.Prices.Select(View).Concat(rows.Select(View))
                .OrderBy(p => p.Model, StringComparer.Ordinal).ThenByDescending(p => p.EffectiveFrom).ThenBy(p => p.Id, StringComparer.Ordinal),
        ];
    }

    public async Task<AdministrationResult<PriceView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (sources.File.Prices.FirstOrDefault(p => p.Version == id) is { } declared)
        {
            return View(declared);
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        PriceRow? row = await context.Prices.AsNoTracking().FirstOrDefaultAsync(p => p.Id == id, cancellationToken);
        return row is null ? AdministrationFailure.NotFound(What, id) : View(row);
    }

    /// <summary>A conflict when there is one for the same model, provider and instant.</summary>
    public Task<AdministrationResult<PriceView>> CreateAsync(PriceChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<PriceView>(actor, edit =>
        {
            var row = new PriceRow { Id = edit.NewId(), Model = "", EffectiveFrom = edit.Now, CreatedAt = edit.Now };
            AdministrationResult<PriceView> result = Save(edit, row, change, null);
            edit.Database.Prices.Add(row);
            return Task.FromResult(result);
        }, cancellationToken);

    public Task<AdministrationResult<PriceView>> UpdateAsync(string id, PriceChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) => Save(edit, row, change, View(row)), cancellationToken);

    public Task<AdministrationResult<PriceView>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            PriceView before = View(row);
            edit.Database.Prices.Remove(row);
            edit.Definition = edit.Definition with { Prices = edit.Definition.Prices.Without(VersionOf(row), p => p.Version) };
            edit.Audit("price.delete", row.Id, row.Model, before, null);
            return before;
        }, cancellationToken);

    private Task<AdministrationResult<PriceView>> ChangeAsync(
        string id, Actor actor, Func<CatalogEdit, PriceRow, AdministrationResult<PriceView>> change, CancellationToken cancellationToken) =>
        changes.ApplyAsync<PriceView>(actor, async edit =>
        {
            if (edit.File.Prices.FirstOrDefault(p => p.Version == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Model);
            }
            PriceRow? row = await edit.Database.Prices.FirstOrDefaultAsync(p => p.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id) : change(edit, row);
        }, cancellationToken);

    private static AdministrationResult<PriceView> Save(CatalogEdit edit, PriceRow row, PriceChange change, PriceView? before)
    {
        if (before is null || change.Model.HasValue)
        {
            row.Model = edit.Limited("model", change.Model.Value, 200) ?? "";
            if (row.Model.Length == 0)
            {
                edit.Error("model", "A price is for a model: the upstream's name, or a pattern that ends in *.");
            }
        }
        row.Provider = change.Provider.HasValue ? edit.Limited("provider", change.Provider.Value, 200) : row.Provider;
        row.EffectiveFrom = change.EffectiveFrom.Or(row.EffectiveFrom) ?? edit.Now;
        row.InputPerMillion = change.InputPerMillion.Or(row.InputPerMillion);
        row.CachedInputPerMillion = change.CachedInputPerMillion.Or(row.CachedInputPerMillion);
        row.CacheWritePerMillion = change.CacheWritePerMillion.Or(row.CacheWritePerMillion);
        row.OutputPerMillion = change.OutputPerMillion.Or(row.OutputPerMillion);
        row.SourceUrl = change.SourceUrl.HasValue ? edit.Limited("source_url", change.SourceUrl.Value, 2000) : row.SourceUrl;
        row.UpdatedAt = edit.Now;
        ModelPrice price = CatalogRowReader.Read(row);
        if (edit.File.Prices.Concat(edit.Definition.Prices).Any(p => p.Version != price.Version
            && (p.Model, p.Provider, p.EffectiveFrom) == (price.Model, price.Provider, price.EffectiveFrom)))
        {
            return AdministrationFailure.NameTaken(What, row.Model);
        }
        edit.Definition = edit.Definition with { Prices = edit.Definition.Prices.With(price, p => p.Version) };
        PriceView after = View(row);
        edit.Audit(before is null ? "price.create" : "price.update", row.Id, row.Model, before, after);
        return after;
    }

    private static string VersionOf(PriceRow row) => CatalogRowReader.Read(row).Version;

    private static PriceView View(PriceRow row) => View(CatalogRowReader.Read(row)) with { Id = row.Id, Source = EntrySource.Database };

    /// <summary>Of a price that a file declares or that is built in: its version is its id.</summary>
    internal static PriceView View(ModelPrice p) => new()
    {
        Id = p.Version,
        Model = p.Model,
        Provider = p.Provider,
        EffectiveFrom = p.EffectiveFrom,
        InputPerMillion = p.InputPerMillion,
        CachedInputPerMillion = p.CachedInputPerMillion,
        CacheWritePerMillion = p.CacheWritePerMillion,
        OutputPerMillion = p.OutputPerMillion,
        SourceUrl = p.SourceUrl,
        Source = EntrySource.File,
    };
}
