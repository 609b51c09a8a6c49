using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Configuration.LiteLlm;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// Whole configurations in the making: YAML that can be looked at, tried and applied as one change, or discarded. A draft is
/// its maker's; only an administrator may change another's. Reading throws when the database cannot be reached.
/// </summary>
internal sealed class ConfigDrafts(
    AdministrationDatabase database, CatalogChanges changes, CatalogSources sources, CatalogRowReader reader, SecretProtector secrets, TimeProvider time)
{
    /// <summary>Of documents that are drafts.</summary>
    public const string Kind = "draft";

    private const string What = "draft";
    private const int MostCharacters = 1_000_000;
    private const int MostDrafts = 200;

    /// <summary>Everybody's, the last changed first.</summary>
    public async Task<IReadOnlyList<DraftSummary>> ListAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<DocumentRow> rows = await context.Documents.AsNoTracking().Where(d => d.Kind == Kind).OrderByDescending(d => d.UpdatedAt).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new DraftSummary(r.Id, r.Name, r.Owner, Body(r).BaseVersion, r.CreatedAt, r.UpdatedAt))];
    }

    public async Task<AdministrationResult<DraftView>> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await FindAsync(context, id, cancellationToken) is { } row ? await ViewAsync(context, row, cancellationToken) : AdministrationFailure.NotFound(What, id);
    }

    public Task<AdministrationResult<DraftView>> CreateAsync(DraftChange change, Actor actor, CancellationToken cancellationToken) =>
        CreateAsync(change.Name.Value, change.Yaml.HasValue ? change.Yaml.Value ?? "" : null, [], actor, cancellationToken);

    /// <summary>Makes a draft of a file of ours, or of a LiteLLM proxy.</summary>
    public async Task<AdministrationResult<DraftView>> ImportAsync(DraftImport import, Actor actor, CancellationToken cancellationToken)
    {
        string format = import.Format ?? "gateway";
        string mode = import.Mode ?? (format == "litellm" ? "merge" : "replace");
        List<CatalogError> errors = [];
        if (string.IsNullOrWhiteSpace(import.Yaml))
        {
            errors.Add(new CatalogError("yaml", "The file's text is needed."));
        }
        if (format is not ("gateway" or "litellm"))
        {
            errors.Add(new CatalogError("format", "One of gateway, litellm."));
        }
        if (mode is not ("replace" or "merge"))
        {
            errors.Add(new CatalogError("mode", "One of replace, merge."));
        }
        if (errors.Count > 0)
        {
            return AdministrationFailure.Invalid(errors);
        }
        string yaml = import.Yaml!;
        IReadOnlyList<ImportLine> report = [];
        JsonObject? present = null;
        if (mode == "merge")
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            present = ConfigExport.Tree((await CatalogRows.ReadAsync(context, cancellationToken)).ToDefinition(), sources.File).Tree;
        }
        if (format == "litellm")
        {
            LiteLlmReading reading = LiteLlmImport.Read(yaml, import.Variables);
            if (reading.Errors.Count > 0)
            {
                return AdministrationFailure.Invalid([.. reading.Errors.Select(e => e.ToError())]);
            }
            report = reading.Report;
            yaml = ConfigYaml.Write(present is null ? reading.Tree : Together(present, reading.Tree), ["Made from a LiteLLM configuration; the report tells what became of each of its settings."]);
        }
        else if (present is not null)
        {
            if (!DraftText.TryParse(yaml, out JsonObject? tree, out DraftProblem? problem))
            {
                return AdministrationFailure.Invalid([problem.ToError()]);
            }
            yaml = ConfigYaml.Write(Together(present, tree), ["The present configuration with what was imported."]);
        }
        return await CreateAsync(import.Name, yaml, report, actor, cancellationToken);
    }

    /// <summary>Saves the text whatever is wrong with it; the answer says what that is.</summary>
    /// <param name="asAdministrator">May change others' drafts.</param>
    public Task<AdministrationResult<DraftView>> UpdateAsync(string id, DraftChange change, Actor actor, bool asAdministrator, CancellationToken cancellationToken) =>
        ChangeAsync<DraftView>(id, actor, asAdministrator, async (context, row) =>
        {
            DraftBody body = Body(row);
            string name = change.Name.HasValue ? change.Name.Value?.Trim() ?? "" : row.Name;
            string yaml = change.Yaml.HasValue ? change.Yaml.Value ?? "" : body.Yaml;
            if (Check(name, yaml) is { } failure)
            {
                return failure;
            }
            if (await context.Documents.AnyAsync(d => d.Kind == Kind && d.Owner == row.Owner && d.Name == name && d.Id != id, cancellationToken))
            {
                return AdministrationFailure.NameTaken(What, name);
            }
            (row.Name, row.BodyJson, row.UpdatedAt) = (name, Json(body with { Yaml = yaml }), time.GetUtcNow());
            await context.SaveChangesAsync(cancellationToken);
            return await ViewAsync(context, row, cancellationToken);
        }, cancellationToken);

    public Task<AdministrationResult<DraftSummary>> DiscardAsync(string id, Actor actor, bool asAdministrator, CancellationToken cancellationToken) =>
        ChangeAsync<DraftSummary>(id, actor, asAdministrator, async (context, row) =>
        {
            context.Documents.Remove(row);
            await context.SaveChangesAsync(cancellationToken);
            return new DraftSummary(row.Id, row.Name, row.Owner, Body(row).BaseVersion, row.CreatedAt, row.UpdatedAt);
        }, cancellationToken);

    /// <summary>Puts the draft on top of the configuration as it is now; its text is written anew, without comments.</summary>
    public Task<AdministrationResult<DraftView>> RebaseAsync(string id, DraftRebase rebase, Actor actor, bool asAdministrator, CancellationToken cancellationToken) =>
        ChangeAsync<DraftView>(id, actor, asAdministrator, async (context, row) =>
        {
            if (rebase.Prefer is not (null or "draft" or "current"))
            {
                return AdministrationFailure.Invalid("prefer", "One of draft, current.");
            }
            DraftBody body = Body(row);
            (CatalogRows based, _) = await BaseAsync(context, body, cancellationToken);
            DraftReading reading = new DraftReader(based, sources.File, time.GetUtcNow()).Read(body.Yaml);
            if (reading.Problems.Count > 0)
            {
                return reading.Failure;
            }
            CatalogRows now = await CatalogRows.ReadAsync(context, cancellationToken);
            var merge = new CatalogMerge(rebase.Prefer switch { "draft" => MergePreference.Draft, "current" => MergePreference.Current, _ => MergePreference.None });
            CatalogRows merged = merge.Merge(based, now, reading.Rows);
            if (merge.Conflicts.Count > 0)
            {
                return Conflict(merge.Conflicts);
            }
            body = body with { Yaml = Text(merged), BaseVersion = await NewestAsync(context, cancellationToken) };
            (row.BodyJson, row.UpdatedAt) = (Json(body), time.GetUtcNow());
            await context.SaveChangesAsync(cancellationToken);
            return await ViewAsync(context, row, cancellationToken);
        }, cancellationToken);

    /// <summary>Puts the draft in force as one change and takes it off the list; a conflict when others changed the same since it began.</summary>
    public async Task<AdministrationResult<DraftApplied>> ApplyAsync(
        string id, DraftApplication application, Actor actor, bool asAdministrator, CancellationToken cancellationToken)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in application.Secrets ?? new Dictionary<string, JsonElement>())
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return AdministrationFailure.Invalid($"secrets.{name}", "A secret is a text.");
            }
            given[name] = value.GetString()!;
        }
        AdministrationResult<DraftApplied> result = await changes.ApplyAsync<DraftApplied>(actor, async edit =>
        {
            DocumentRow? row = await FindAsync(edit.Database, id, cancellationToken);
            if (row is null)
            {
                return AdministrationFailure.NotFound(What, id);
            }
            if (NotTheirs(row, actor, asAdministrator) is { } refused)
            {
                return refused;
            }
            DraftBody body = Body(row);
            (CatalogRows based, bool kept) = await BaseAsync(edit.Database, body, cancellationToken);
            if (!kept)
            {
                return new AdministrationFailure(AdministrationOutcome.Conflict, [new CatalogError("", $"Version {body.BaseVersion}, which the draft began from, is not kept any more. Put the draft on the present configuration first.")]);
            }
            DraftReading reading = new DraftReader(based, edit.File, edit.Now, given, secrets.Protect).Read(body.Yaml);
            if (reading.Problems.Count > 0)
            {
                return reading.Failure;
            }
            if (reading.Needed.Count > 0)
            {
                return AdministrationFailure.Invalid([.. reading.Needed.Select(n => new CatalogError($"secrets.{n.Name}", $"The {n.For} needs its secret: give {n.Name}."))]);
            }
            CatalogRows now = await CatalogRows.ReadAsync(edit.Database, cancellationToken);
            var merge = new CatalogMerge();
            CatalogRows merged = merge.Merge(based, now, reading.Rows);
            if (merge.Conflicts.Count > 0)
            {
                return Conflict(merge.Conflicts);
            }
            IReadOnlyList<ConfigDifference> differences = ConfigDiff.Between(sources.Whole(now), sources.Whole(merged));
            if (differences.Count == 0)
            {
                return AdministrationFailure.Invalid("", "The draft changes nothing.");
            }
            await CatalogReplacement.ApplyAsync(edit, merged, reader, cancellationToken);
            edit.Database.Documents.Remove(row);
            edit.Audit("configuration.apply", row.Id, row.Name, null, new { differences });
            return new DraftApplied(0, differences);
        }, cancellationToken);
        return result.IsDone ? result.Value with { Version = sources.Database.Version } : result;
    }

    /// <summary>The catalogs of the present and of the draft, both whole, for trying the draft.</summary>
    public async Task<AdministrationResult<(CatalogDefinition Present, CatalogDefinition Draft)>> ReadAsync(string id, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await FindAsync(context, id, cancellationToken) is not { } row)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        DraftBody body = Body(row);
        (CatalogRows based, _) = await BaseAsync(context, body, cancellationToken);
        DraftReading reading = new DraftReader(based, sources.File, time.GetUtcNow()).Read(body.Yaml);
        if (reading.Problems.Count > 0)
        {
            return reading.Failure;
        }
        CatalogRows now = await CatalogRows.ReadAsync(context, cancellationToken);
        CatalogRows merged = new CatalogMerge(MergePreference.Draft).Merge(based, now.Copy(), reading.Rows);
        // No call is made with them, so that no secret need be decrypted.
        return (WithoutSecrets(sources.Weighted(sources.Whole(now))), WithoutSecrets(sources.Weighted(sources.Whole(merged))));
    }

    private static CatalogDefinition WithoutSecrets(CatalogDefinition whole) =>
        whole with { Providers = [.. whole.Providers.Select(p => p with { Credentials = [] })] };

    private async Task<AdministrationResult<DraftView>> CreateAsync(
        string? name, string? yaml, IReadOnlyList<ImportLine> report, Actor actor, CancellationToken cancellationToken)
    {
        name = name?.Trim() ?? "";
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await context.Documents.CountAsync(d => d.Kind == Kind, cancellationToken) >= MostDrafts)
        {
            return AdministrationFailure.Invalid("", $"There are {MostDrafts} drafts; discard one first.");
        }
        if (Check(name, yaml ?? "") is { } failure)
        {
            return failure;
        }
        if (await context.Documents.AnyAsync(d => d.Kind == Kind && d.Owner == actor.Name && d.Name == name, cancellationToken))
        {
            return AdministrationFailure.NameTaken(What, name);
        }
        DateTimeOffset now = time.GetUtcNow();
        // A gateway that has never been changed since versions are kept has none to start from yet.
        await VersionKeeping.KeepFoundAsync(context, sources.Database.Version, now, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        long newest = await NewestAsync(context, cancellationToken);
        CatalogRows based = newest == 0 ? new CatalogRows() : (await ConfigHistory.FindAsync(context, newest, cancellationToken))!;
        yaml ??= Text(based);
        var row = new DocumentRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Kind = Kind,
            Owner = actor.Name,
            Name = name,
            BodyJson = Json(new DraftBody(yaml, newest, report)),
            CreatedAt = now,
            UpdatedAt = now,
        };
        context.Documents.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        return await ViewAsync(context, row, cancellationToken);
    }

    private static AdministrationFailure? Check(string name, string yaml)
    {
        List<CatalogError> errors = [];
        if (name.Length is 0 or > 200 || name.Any(char.IsControl))
        {
            errors.Add(new CatalogError("name", "A name has 1 to 200 characters and no control characters."));
        }
        if (yaml.Length > MostCharacters)
        {
            errors.Add(new CatalogError("yaml", $"At most {MostCharacters} characters."));
        }
        if (yaml.Contains('\0'))
        {
            errors.Add(new CatalogError("yaml", "A text has no NUL character."));
        }
        else if (DraftText.WrittenSecret(yaml) is { } problem)
        {
            // Not even saved: a draft is read by people who may not know the secret.
            errors.Add(problem.ToError());
        }
        return errors.Count > 0 ? AdministrationFailure.Invalid(errors) : null;
    }

    private async Task<AdministrationResult<T>> ChangeAsync<T>(
        string id, Actor actor, bool asAdministrator, Func<GatewayDbContext, DocumentRow, Task<AdministrationResult<T>>> change, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await FindAsync(context, id, cancellationToken) is not { } row ? AdministrationFailure.NotFound(What, id)
            : NotTheirs(row, actor, asAdministrator) is { } refused ? refused
            : await change(context, row);
    }

    private static AdministrationFailure? NotTheirs(DocumentRow row, Actor actor, bool asAdministrator) =>
        asAdministrator || row.Owner == actor.Name ? null
            : new AdministrationFailure(AdministrationOutcome.ReadOnly, [new CatalogError("", $"The draft is {row.Owner}'s. Make one of your own from it, or ask an administrator.")]);

    private async Task<DraftView> ViewAsync(GatewayDbContext context, DocumentRow row, CancellationToken cancellationToken)
    {
        DraftBody body = Body(row);
        (CatalogRows based, bool kept) = await BaseAsync(context, body, cancellationToken);
        DraftReading reading = new DraftReader(based, sources.File, time.GetUtcNow()).Read(body.Yaml);
        IReadOnlyList<ConfigDifference> differences = [];
        var merge = new CatalogMerge();
        if (reading.Problems.Count == 0)
        {
            CatalogRows now = await CatalogRows.ReadAsync(context, cancellationToken);
            CatalogRows merged = merge.Merge(based, now.Copy(), reading.Rows);
            differences = ConfigDiff.Between(sources.Whole(now), sources.Whole(merged));
        }
        List<string> notes = [.. reading.Notes];
        if (!kept)
        {
            notes.Add($"Version {body.BaseVersion}, which the draft began from, is not kept any more. Put the draft on the present configuration before it is applied.");
        }
        return new DraftView(
            row.Id, row.Name, row.Owner, body.BaseVersion, await NewestAsync(context, cancellationToken), row.CreatedAt, row.UpdatedAt, body.Yaml,
            reading.Problems, differences, merge.Conflicts, reading.Needed, notes, body.Report ?? []);
    }

    private static async Task<(CatalogRows Rows, bool Kept)> BaseAsync(GatewayDbContext context, DraftBody body, CancellationToken cancellationToken) =>
        body.BaseVersion == 0 ? (new CatalogRows(), true)
            : await ConfigHistory.FindAsync(context, body.BaseVersion, cancellationToken) is { } kept ? (kept, true)
            : (await CatalogRows.ReadAsync(context, cancellationToken), false);

    private static async Task<long> NewestAsync(GatewayDbContext context, CancellationToken cancellationToken) =>
        await context.ConfigVersions.MaxAsync(v => (long?)v.Version, cancellationToken) ?? 0;

    private static Task<DocumentRow?> FindAsync(GatewayDbContext context, string id, CancellationToken cancellationToken) =>
        context.Documents.FirstOrDefaultAsync(d => d.Kind == Kind && d.Id == id, cancellationToken);

    private static AdministrationFailure Conflict(IReadOnlyList<DraftConflict> conflicts) => new(
        AdministrationOutcome.Conflict,
        [.. conflicts.Select(c => new CatalogError(
            $"{c.List}[{c.Name}]{(c.Field.Length == 0 ? "" : "." + c.Field)}",
            c.Current is null && c.Draft is null
                ? "Changed since the draft began, and by the draft as well."
                : $"Since the draft began it was changed from {c.Base ?? "nothing"} to {c.Current ?? "nothing"}; the draft has {c.Draft ?? "nothing"}."))]);

    /// <summary>The rows as a draft's text; variables of secrets that are still to be given stay what the draft called them.</summary>
    private string Text(CatalogRows rows) => ConfigYaml.Write(ConfigExport.Tree(rows.ToDefinition(), sources.File).Tree,
    [
        "The configuration that the console and the admin API have made; what files declare is not in it.",
        "A variable stands for a secret: those that are kept here stay; for others you are asked when it is applied.",
    ]);

    private static JsonObject Together(JsonObject present, JsonObject added)
    {
        foreach (string list in ConfigTree.Lists)
        {
            var all = (JsonArray)(present[list] ??= new JsonArray());
            foreach (JsonObject entry in (added[list] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (all.OfType<JsonObject>().FirstOrDefault(p => ConfigDiff.NameOf(p) == ConfigDiff.NameOf(entry)) is { } same)
                {
                    all.Remove(same);
                }
                all.Add(entry.DeepClone());
            }
        }
        return present;
    }

    private static DraftBody Body(DocumentRow row) => JsonSerializer.Deserialize<DraftBody>(row.BodyJson, AdministrationJson.Options)!;

    private static string Json(DraftBody body) => AdministrationJson.Serialize(body);

    private sealed record DraftBody(string Yaml, long BaseVersion, IReadOnlyList<ImportLine>? Report);
}
