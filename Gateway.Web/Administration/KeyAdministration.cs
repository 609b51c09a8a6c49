using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>The keys that clients use. Reading throws when the database cannot be reached; see <see cref="AdministrationDatabase"/>.</summary>
internal sealed class KeyAdministration(
    AdministrationDatabase database, CatalogSources sources, CatalogChanges changes, GatewayCatalog catalog, BudgetAdministration budgets)
{
    private const string What = "key";
    private const int DefaultOverlapSeconds = 86_400;
    private const int MostOverlapSeconds = 30 * 86_400;
    private const int MostInBulk = 1000;
    private const int MostNetworks = 100;
    private const int MostNetworkLength = 50;
    private const int MostTags = 20;
    private const int MostTagLength = 50;

    internal static readonly AdministrationFailure Revoked =
        new(AdministrationOutcome.Conflict, [new CatalogError("", "The key is revoked, which is final. Issue a new one.")]);

    private static readonly AdministrationFailure NotOfTheirs = new(
        AdministrationOutcome.Forbidden, [new CatalogError("team", "Choose one of your teams, and leave the priority as it is: you are operator of those teams only.")]);

    /// <summary>All, revoked ones too, ordered by name.</summary>
    public async Task<IReadOnlyList<KeyView>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        Dictionary<string, long> used = LastUseHere();
        // Newest first by the index over key and time: a look each, however many calls there are.
        var rows = await context.ApiKeys.AsNoTracking()
            .Select(k => new { Row = k, Used = context.UsageRecords.Where(u => u.KeyId == k.Id).Max(u => (long?)u.StartedAtMs) })
            .ToListAsync(cancellationToken);
        rows.ForEach(r => Note(used, r.Row.Id, r.Used));
        if (sources.File.Keys.Count > 0)
        {
            string[] declared = [.. sources.File.Keys.Select(k => k.Id)];
            // They have no row, and so come beside the one row that this table has. None is null, which the database cannot know: without it the index is of no use.
            var uses = await context.CatalogVersions
                .SelectMany(_ => EF.Parameter(declared).AsQueryable(), (_, id) => new { Id = id, Used = context.UsageRecords.Where(u => u.KeyId == (id ?? "")).Max(u => (long?)u.StartedAtMs) })
                .ToListAsync(cancellationToken);
            uses.ForEach(u => Note(used, u.Id, u.Used));
        }
        Dictionary<string, TeamDefinition> teams = Teams();
        return
        [
            .. sources.File.Keys.Select(k => KeyViews.Of(k, used, teams)).Concat(rows.Select(r => KeyViews.Of(r.Row, used, teams)))
                .OrderBy(k => k.Name, StringComparer.Ordinal).ThenBy(k => k.Id, StringComparer.Ordinal),
        ];
    }

    public async Task<AdministrationResult<KeyView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        Dictionary<string, long> used = LastUseHere();
        Note(used, id, await LastUseAsync(context, id, cancellationToken));
        if (sources.File.Keys.FirstOrDefault(k => k.Id == id) is { } declared)
        {
            return KeyViews.Of(declared, used, Teams());
        }
        ApiKeyRow? row = await context.ApiKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Id == id, cancellationToken);
        return row is null ? AdministrationFailure.NotFound(What, id) : KeyViews.Of(row, used, Teams());
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
            KeyView view = Save(edit, row, change, null);
            if (!actor.IsOperatorOf(row.Team) || !MayRank(actor, 0, row))
            {
                return Task.FromResult<AdministrationResult<IssuedKey>>(NotOfTheirs);
            }
            edit.Database.ApiKeys.Add(row);
            return Task.FromResult<AdministrationResult<IssuedKey>>(AddBudget(edit, row, change.Budget.Value, actor) is { } refused ? refused : new IssuedKey(key, view));
        }, cancellationToken, ofTeams: true);

    private AdministrationFailure? AddBudget(CatalogEdit edit, ApiKeyRow row, BudgetChange? budget, Actor actor)
    {
        if (budget is null)
        {
            return null;
        }
        AdministrationResult<BudgetView> added = budgets.Add(edit, budget with
        {
            Name = budget.Name.HasValue ? budget.Name : BudgetAdministration.FreeName(edit, row.Name),
            Scope = ScopeKind.Key.ToName(),
            Of = row.Id,
        }, actor);
        return added.IsDone ? null : new AdministrationFailure(added.Outcome, added.Errors);
    }

    /// <summary>A conflict when the key was revoked.</summary>
    public Task<AdministrationResult<KeyView>> UpdateAsync(string id, KeyChange change, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            if (row.RevokedAt is not null)
            {
                return Revoked;
            }
            if (change.Budget.Value is not null)
            {
                edit.Error("budget", "Set with a new key only: the budgets of one that exists are changed at /admin/v1/budgets.");
            }
            KeyView before = KeyViews.Of(edit, row);
            int priority = row.Priority;
            row.Name = change.Name.HasValue ? edit.RequiredName(change.Name) : row.Name;
            if (IsTaken(edit, row))
            {
                return AdministrationFailure.NameTaken(What, row.Name);
            }
            KeyView after = Save(edit, row, change, before);
            return actor.IsOperatorOf(row.Team) && MayRank(actor, priority, row) ? after : NotOfTheirs;
        }, cancellationToken);

    /// <summary>Ends the key for good; in force here at once and on other nodes within a second. Revoking again changes nothing.</summary>
    public Task<AdministrationResult<KeyView>> RevokeAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, (edit, row) =>
        {
            KeyView before = KeyViews.Of(edit, row);
            if (row.RevokedAt is not null)
            {
                return before;
            }
            row.RevokedAt = row.UpdatedAt = edit.Now;
            row.Active = false;
            (row.CaptureMost, row.CaptureUntil) = (0, null);
            edit.Definition = edit.Definition with { Keys = edit.Definition.Keys.Without(id, k => k.Id) };
            KeyView after = KeyViews.Of(edit, row);
            edit.Audit("key.revoke", row.Id, row.Name, before, after);
            return after;
        }, cancellationToken);

    /// <summary>
    /// Gives the key a new text, which is in the answer and nowhere else; the old one stays good for the overlap, so that nobody
    /// has to change both sides at once. An overlap that still runs from before ends now.
    /// </summary>
    public Task<AdministrationResult<IssuedKey>> RotateAsync(string id, KeyRotation rotation, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<IssuedKey>(actor, async edit =>
        {
            if (edit.File.Keys.FirstOrDefault(k => k.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            if (await edit.Database.ApiKeys.FirstOrDefaultAsync(k => k.Id == id, cancellationToken) is not { } row)
            {
                return AdministrationFailure.NotFound(What, id);
            }
            if (!actor.IsOperatorOf(row.Team))
            {
                return AdministrationFailure.Forbidden;
            }
            if (row.RevokedAt is not null)
            {
                return Revoked;
            }
            int overlap = rotation.OverlapSeconds.Value ?? DefaultOverlapSeconds;
            if (overlap is < 0 or > MostOverlapSeconds)
            {
                edit.Error("overlap_seconds", $"0 to {MostOverlapSeconds} seconds.");
            }
            KeyView before = KeyViews.Of(edit, row);
            string key = NewKey.Make();
            row.PreviousHash = overlap > 0 ? row.Hash : null;
            row.PreviousUntil = overlap > 0 ? edit.Now.AddSeconds(Math.Min(overlap, MostOverlapSeconds)) : null;
            (row.Hash, row.Prefix, row.UpdatedAt) = (KeyHash.OfKey(key).ToHex(), NewKey.PrefixOf(key), edit.Now);
            edit.Definition = edit.Definition with { Keys = edit.Definition.Keys.With(CatalogRowReader.Read(row)!, k => k.Id) };
            KeyView after = KeyViews.Of(edit, row);
            edit.Audit("key.rotate", row.Id, row.Name, before, after);
            return new IssuedKey(key, after);
        }, cancellationToken, ofTeams: true);

    /// <summary>Switches many keys on or off, or revokes them: all, or none if one of them cannot be.</summary>
    public Task<AdministrationResult<KeyBulkResult>> ChangeManyAsync(KeyBulkChange change, Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<KeyBulkResult>(actor, async edit =>
        {
            List<string> ids = [.. (change.Ids.Value ?? []).Distinct(StringComparer.Ordinal)];
            if (ids.Count is 0 or > MostInBulk)
            {
                edit.Error("ids", $"1 to {MostInBulk} ids of keys.");
            }
            if (change.Action.Value is not ("enable" or "disable" or "revoke"))
            {
                edit.Error("action", "One of enable, disable, revoke.");
            }
            if (edit.File.Keys.FirstOrDefault(k => ids.Contains(k.Id)) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            List<ApiKeyRow> rows = await edit.Database.ApiKeys.Where(k => ids.Contains(k.Id)).ToListAsync(cancellationToken);
            if (ids.Except(rows.Select(r => r.Id)).FirstOrDefault() is { } unknown)
            {
                return AdministrationFailure.NotFound(What, unknown);
            }
            if (rows.Exists(r => !actor.IsOperatorOf(r.Team)))
            {
                return AdministrationFailure.Forbidden;
            }
            if (change.Action.Value != "revoke" && rows.Exists(r => r.RevokedAt is not null))
            {
                return Revoked;
            }
            int changed = rows.Count(row => ChangeOne(edit, row, change.Action.Value));
            return new KeyBulkResult(changed, [.. rows.Select(r => KeyViews.Of(edit, r))]);
        }, cancellationToken, ofTeams: true);

    private static bool ChangeOne(CatalogEdit edit, ApiKeyRow row, string? action)
    {
        bool active = action == "enable";
        if (action == "revoke" ? row.RevokedAt is not null : row.Active == active)
        {
            return false;
        }
        KeyView before = KeyViews.Of(edit, row);
        (row.Active, row.UpdatedAt) = (active, edit.Now);
        row.RevokedAt = action == "revoke" ? edit.Now : null;
        edit.Definition = edit.Definition with
        {
            Keys = CatalogRowReader.Read(row) is { } definition ? edit.Definition.Keys.With(definition, k => k.Id) : edit.Definition.Keys.Without(row.Id, k => k.Id),
        };
        edit.Audit($"key.{action}", row.Id, row.Name, before, KeyViews.Of(edit, row));
        return true;
    }

    /// <summary>One change of a key that this operator may change.</summary>
    internal Task<AdministrationResult<KeyView>> ChangeAsync(
        string id, Actor actor, Func<CatalogEdit, ApiKeyRow, AdministrationResult<KeyView>> change, CancellationToken cancellationToken) =>
        changes.ApplyAsync<KeyView>(actor, async edit =>
        {
            if (edit.File.Keys.FirstOrDefault(k => k.Id == id) is { } declared)
            {
                return AdministrationFailure.ReadOnly(What, declared.Name);
            }
            ApiKeyRow? row = await edit.Database.ApiKeys.FirstOrDefaultAsync(k => k.Id == id, cancellationToken);
            return row is null ? AdministrationFailure.NotFound(What, id)
                : !actor.IsOperatorOf(row.Team) ? AdministrationFailure.Forbidden
                : change(edit, row);
        }, cancellationToken, ofTeams: true);

    // Who goes before others is not for one team to say.
    private static bool MayRank(Actor actor, int before, ApiKeyRow row) => actor.Teams is null || row.Priority == before;

    private static bool IsTaken(CatalogEdit edit, ApiKeyRow row) =>
        edit.File.Keys.Concat(edit.Definition.Keys).Any(k => k.Id != row.Id && k.Name == row.Name);

    private static KeyView Save(CatalogEdit edit, ApiKeyRow row, KeyChange change, KeyView? before)
    {
        row.RpmLimit = change.RpmLimit.Or(row.RpmLimit);
        row.TpmLimit = change.TpmLimit.Or(row.TpmLimit);
        row.MaxParallel = change.MaxParallel.Or(row.MaxParallel);
        row.Owner = change.Owner.HasValue ? edit.Limited("owner", change.Owner.Value, 200) : row.Owner;
        row.Team = change.Team.HasValue ? TeamId(edit, change.Team.Value) : row.Team;
        row.DefaultProvider = change.DefaultProvider.HasValue ? ProviderName(edit, change.DefaultProvider.Value) : row.DefaultProvider;
        row.Priority = change.Priority.Or(row.Priority) ?? 0;
        row.AllowedModelsJson = change.AllowedModels.HasValue
            ? AdministrationJson.Serialize(AllowedModels(edit, change.AllowedModels.Value ?? []))
            : row.AllowedModelsJson;
        row.AllowedEndpointsJson = change.AllowedEndpoints.HasValue ? Words(edit, "allowed_endpoints", change.AllowedEndpoints.Value, EndpointKindNames.All.Count, MostTagLength) : row.AllowedEndpointsJson;
        row.AllowedNetworksJson = change.AllowedNetworks.HasValue ? Words(edit, "allowed_networks", change.AllowedNetworks.Value, MostNetworks, MostNetworkLength) : row.AllowedNetworksJson;
        row.TagsJson = change.Tags.HasValue ? Words(edit, "tags", change.Tags.Value, MostTags, MostTagLength) : row.TagsJson;
        row.ExpiresAt = change.ExpiresAt.Or(row.ExpiresAt);
        row.Active = change.Active.Or(row.Active) ?? true;
        row.AllowRouting = change.AllowRouting.Or(row.AllowRouting) ?? true;
        row.UpdatedAt = edit.Now;
        edit.Definition = edit.Definition with { Keys = edit.Definition.Keys.With(CatalogRowReader.Read(row)!, k => k.Id) };
        KeyView after = KeyViews.Of(edit, row);
        edit.Audit(before is null ? "key.create" : "key.update", row.Id, row.Name, before, after);
        return after;
    }

    private static string? TeamId(CatalogEdit edit, string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            return null;
        }
        IEnumerable<TeamDefinition> teams = edit.File.Teams.Concat(edit.Definition.Teams);
        if ((teams.FirstOrDefault(t => t.Id == given) ?? teams.FirstOrDefault(t => t.Name == given)) is { } team)
        {
            return team.Id;
        }
        edit.Error("team", $"There is no team \"{given}\".");
        return null;
    }

    // By name, as backends and route steps hold it: a renaming follows it.
    private static string? ProviderName(CatalogEdit edit, string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            return null;
        }
        IEnumerable<ProviderDefinition> providers = edit.File.Providers.Concat(edit.Definition.Providers);
        if ((providers.FirstOrDefault(p => p.Name == given) ?? providers.FirstOrDefault(p => p.Id == given)) is { } provider)
        {
            return provider.Name;
        }
        edit.Error("default_provider", $"There is no provider named \"{given}\".");
        return null;
    }

    private Dictionary<string, TeamDefinition> Teams() =>
        sources.File.Teams.Concat(sources.Database.Definition.Teams).ToDictionary(t => t.Id);

    private static IEnumerable<string> AllowedModels(CatalogEdit edit, IReadOnlyList<string> names)
    {
        if (names.Any(n => string.IsNullOrWhiteSpace(n) || n.Length > 200))
        {
            edit.Error("allowed_models", "A model name or pattern has 1 to 200 characters.");
        }
        return names.Distinct(StringComparer.Ordinal);
    }

    private static string? Words(CatalogEdit edit, string field, IReadOnlyList<string>? given, int most, int mostLength)
    {
        string[] words = [.. (given ?? []).Select(w => w?.Trim() ?? "").Distinct(StringComparer.Ordinal)];
        if (words.Length > most || words.Any(w => w.Length is 0 || w.Length > mostLength))
        {
            edit.Error(field, $"{most} at most, each of 1 to {mostLength} characters.");
        }
        return words.Length == 0 ? null : AdministrationJson.Serialize(words);
    }

    private static Task<long?> LastUseAsync(GatewayDbContext context, string id, CancellationToken cancellationToken) =>
        context.UsageRecords.Where(u => u.KeyId == id).MaxAsync(u => (long?)u.StartedAtMs, cancellationToken);

    private static void Note(Dictionary<string, long> used, string id, long? at) => used[id] = Math.Max(used.GetValueOrDefault(id), at ?? 0);

    // Ahead of the database by what is still in the journal.
    private Dictionary<string, long> LastUseHere() =>
        catalog.Current.Keys.Values.Concat(catalog.Current.Tokens.Values).ToDictionary(k => k.Id, k => Volatile.Read(ref k.State.LastUsedMs));
}
