using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>The keys that clients use. Reading throws when the database cannot be reached; see <see cref="AdministrationDatabase"/>.</summary>
internal sealed class KeyAdministration(AdministrationDatabase database, CatalogSources sources, CatalogChanges changes, GatewayCatalog catalog)
{
    private const string What = "key";

    /// <summary>All, revoked ones too, ordered by name.</summary>
    public async Task<IReadOnlyList<KeyView>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<ApiKeyRow> rows = await context.ApiKeys.AsNoTracking().ToListAsync(cancellationToken);
        Dictionary<string, long> used = LastUse();
        return
        [
            .. sources.File.Keys.Select(k => View(k, used)).Concat(rows.Select(r => View(r, used)))
                .OrderBy(k => k.Name, StringComparer.Ordinal).ThenBy(k => k.Id, StringComparer.Ordinal),
        ];
    }

    public async Task<AdministrationResult<KeyView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (sources.File.Keys.FirstOrDefault(k => k.Id == id) is { } declared)
        {
            return View(declared, LastUse());
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        ApiKeyRow? row = await context.ApiKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Id == id, cancellationToken);
        return row is null ? AdministrationFailure.NotFound(What, id) : View(row, LastUse());
    }

    /// <summary>Issues a key. Its text is in the answer and nowhere else, ever.</summary>
    public Task<AdministrationResult<IssuedKey>> CreateAsync(KeyChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<IssuedKey>(actor, edit =>
        {
            string key = NewKey.Make();
            var row = new ApiKeyRow
            {
                Id = edit.NewId(),
                Name = edit.RequiredName(change.Name),
                Prefix = NewKey.PrefixOf(key),
                Hash = KeyHash.OfKey(key).ToHex(),
                CreatedAt = edit.Now,
            };
            if (IsTaken(edit, row))
            {
                return Task.FromResult<AdministrationResult<IssuedKey>>(AdministrationFailure.NameTaken(What, row.Name));
            }
            edit.Database.ApiKeys.Add(row);
            return Task.FromResult<AdministrationResult<IssuedKey>>(new IssuedKey(key, Save(edit, row, change, null)));
        }, cancellationToken);

    /// <summary>A conflict when the key was revoked.</summary>
    public Task<AdministrationResult<KeyView>> UpdateAsync(string id, KeyChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            if (row.RevokedAt is not null)
            {
                return new AdministrationFailure(AdministrationOutcome.Conflict, [new CatalogError("", "The key is revoked, which is final. Issue a new one.")]);
            }
            KeyView before = View(row, []);
            row.Name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            return IsTaken(edit, row) ? AdministrationFailure.NameTaken(What, row.Name) : Save(edit, row, change, before);
        }, cancellationToken);

    /// <summary>Ends the key for good; in force here at once and on other nodes within a second. Revoking again changes nothing.</summary>
    public Task<AdministrationResult<KeyView>> RevokeAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            KeyView before = View(row, []);
            if (row.RevokedAt is not null)
            {
                return before;
            }
            row.RevokedAt = row.UpdatedAt = edit.Now;
            row.Active = false;
            edit.Definition = edit.Definition with { Keys = edit.Definition.Keys.Without(id, k => k.Id) };
            KeyView after = View(row, []);
            edit.Audit("key.revoke", row.Id, row.Name, before, after);
            return after;
        }, cancellationToken);

    private Task<AdministrationResult<KeyView>> ChangeAsync(
        string id, Actor actor, Func<CatalogEdit, ApiKeyRow, AdministrationResult<KeyView>> change, CancellationToken cancellationToken) =>
        changes.ApplyAsync<KeyView>(actor, async edit =>
        {
            if (edit.File.Keys.FirstOrDefault(k => k.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            ApiKeyRow? row = await edit.Database.ApiKeys.FirstOrDefaultAsync(k => k.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id) : change(edit, row);
        }, cancellationToken);

    private static bool IsTaken(CatalogEdit edit, ApiKeyRow row) =>
        edit.File.Keys.Concat(edit.Definition.Keys).Any(k => k.Id != row.Id && k.Name == row.Name);

    private static KeyView Save(CatalogEdit edit, ApiKeyRow row, KeyChange change, KeyView? before)
    {
        row.RpmLimit = change.RpmLimit.Or(row.RpmLimit);
        row.TpmLimit = change.TpmLimit.Or(row.TpmLimit);
        row.AllowedModelsJson = change.AllowedModels.HasValue
            ? AdministrationJson.Serialize(AllowedModels(edit, change.AllowedModels.Value ?? []))
            : row.AllowedModelsJson;
        row.ExpiresAt = change.ExpiresAt.Or(row.ExpiresAt);
        row.Active = change.Active.Or(row.Active) ?? true;
        row.AllowRouting = change.AllowRouting.Or(row.AllowRouting) ?? true;
        row.UpdatedAt = edit.Now;
        edit.Definition = edit.Definition with { Keys = edit.Definition.Keys.With(CatalogRowReader.Read(row)!, k => k.Id) };
        KeyView after = View(row, []);
        edit.Audit(before is null ? "key.create" : "key.update", row.Id, row.Name, before, after);
        return after;
    }

    private static IEnumerable<string> AllowedModels(CatalogEdit edit, IReadOnlyList<string> names)
    {
        if (names.Any(n => string.IsNullOrWhiteSpace(n) || n.Length > 200))
        {
            edit.Error("allowed_models", "A model name or pattern has 1 to 200 characters.");
        }
        return names.Distinct(StringComparer.Ordinal);
    }

    private Dictionary<string, long> LastUse() =>
        catalog.Current.Keys.Values.Concat(catalog.Current.Tokens.Values).ToDictionary(k => k.Id, k => Volatile.Read(ref k.State.LastUsedMs));

    private static KeyView View(ApiKeyRow row, Dictionary<string, long> used) => new()
    {
        Id = row.Id,
        Name = row.Name,
        KeyPrefix = row.Prefix,
        Active = row.Active,
        RpmLimit = row.RpmLimit,
        TpmLimit = row.TpmLimit,
        AllowedModels = CatalogRowReader.Strings(row.AllowedModelsJson),
        ExpiresAt = row.ExpiresAt,
        AllowRouting = row.AllowRouting,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        RevokedAt = row.RevokedAt,
        LastUsedAt = Instant(used, row.Id),
    };

    private static KeyView View(ApiKeyDefinition k, Dictionary<string, long> used) => new()
    {
        Id = k.Id,
        Name = k.Name,
        KeyPrefix = k.Prefix,
        Active = k.Active,
        RpmLimit = k.RpmLimit,
        TpmLimit = k.TpmLimit,
        AllowedModels = k.AllowedModels,
        ExpiresAt = k.ExpiresAt,
        AllowRouting = k.AllowRouting,
        Source = k.Source,
        CreatedAt = k.CreatedAt,
        UpdatedAt = k.CreatedAt,
        LastUsedAt = Instant(used, k.Id),
    };

    private static DateTimeOffset? Instant(Dictionary<string, long> used, string id) =>
        used.GetValueOrDefault(id) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}
