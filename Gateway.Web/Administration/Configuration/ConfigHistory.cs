using Gateway.Core.Catalog;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>The versions that changes have left: to list, to compare, and to go back to. Reading throws when the database cannot be reached.</summary>
internal sealed class ConfigHistory(
    AdministrationDatabase database, CatalogChanges changes, CatalogSources sources, CatalogRowReader reader, SecretProtector secrets)
{
    private const string What = "version";

    /// <summary>Newest first.</summary>
    /// <param name="before">Only older ones than this version; null for the newest.</param>
    public async Task<IReadOnlyList<ConfigVersionView>> ListAsync(long? before, int limit, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        long newest = await context.ConfigVersions.MaxAsync(v => (long?)v.Version, cancellationToken) ?? 0;
        return await context.ConfigVersions.AsNoTracking().Where(v => before == null || v.Version < before)
            .OrderByDescending(v => v.Version).Take(limit)
            .Select(v => new ConfigVersionView(v.Version, v.At, v.Actor, v.Note, v.Body.Length, v.Version == newest))
            .ToListAsync(cancellationToken);
    }

    /// <summary>The version as a configuration file, without secrets.</summary>
    public async Task<AdministrationResult<ConfigFile>> GetAsync(long version, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await FindAsync(context, version, cancellationToken) is { } rows
            ? ConfigExport.Write(version, sources.With(rows.ToDefinition()))
            : NotKept(version);
    }

    /// <param name="from">Null: the version before <paramref name="to"/>.</param>
    /// <param name="to">Null: the present one.</param>
    public async Task<AdministrationResult<ConfigComparison>> CompareAsync(long? from, long? to, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        CatalogRows? after = to is { } wanted ? await FindAsync(context, wanted, cancellationToken) : await CatalogRows.ReadAsync(context, cancellationToken);
        if (after is null)
        {
            return NotKept(to!.Value);
        }
        if (from is null && to is not null)
        {
            from = await context.ConfigVersions.Where(v => v.Version < to).MaxAsync(v => (long?)v.Version, cancellationToken);
        }
        CatalogRows before = new();
        if (from is { } older)
        {
            if (await FindAsync(context, older, cancellationToken) is not { } found)
            {
                return NotKept(older);
            }
            before = found;
        }
        return new ConfigComparison(from, to, ConfigDiff.Between(sources.Whole(before), sources.Whole(after)));
    }

    /// <summary>
    /// Makes the configuration what it was, as a new change. Keys are not what a version brings back or takes away: those that
    /// were revoked or issued since stay so, and every secret that was replaced since stays the new one.
    /// </summary>
    public async Task<AdministrationResult<RollbackView>> RollBackAsync(long version, RollbackChange change, Actor actor, CancellationToken cancellationToken)
    {
        if (change.DryRun)
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            if (await FindAsync(context, version, cancellationToken) is not { } then)
            {
                return NotKept(version);
            }
            CatalogRows now = await CatalogRows.ReadAsync(context, cancellationToken);
            (CatalogRows target, IReadOnlyList<string> notes) = await TargetAsync(context, then, now, cancellationToken);
            IReadOnlyList<CatalogError> errors = await sources.CheckAsync(target.ToDefinition(reader), cancellationToken);
            return errors.Count > 0 ? AdministrationFailure.Invalid(errors)
                : new RollbackView(version, null, ConfigDiff.Between(sources.Whole(now), sources.Whole(target)), notes);
        }
        AdministrationResult<RollbackView> result = await changes.ApplyAsync<RollbackView>(actor, async edit =>
        {
            if (await FindAsync(edit.Database, version, cancellationToken) is not { } then)
            {
                return NotKept(version);
            }
            CatalogRows now = await CatalogRows.ReadAsync(edit.Database, cancellationToken);
            (CatalogRows target, IReadOnlyList<string> notes) = await TargetAsync(edit.Database, then, now, cancellationToken);
            IReadOnlyList<ConfigDifference> differences = ConfigDiff.Between(sources.Whole(now), sources.Whole(target));
            if (differences.Count == 0)
            {
                return AdministrationFailure.Invalid("", $"The configuration is that of version {version} already.");
            }
            await CatalogReplacement.ApplyAsync(edit, target, reader, cancellationToken);
            string name = $"version {version}";
            edit.Audit("configuration.rollback", version.ToString(System.Globalization.CultureInfo.InvariantCulture), name, null, new { differences, notes });
            return new RollbackView(version, null, differences, notes);
        }, cancellationToken);
        return result.IsDone ? result.Value with { Applied = sources.Database.Version } : result;
    }

    internal static async Task<CatalogRows?> FindAsync(GatewayDbContext context, long version, CancellationToken cancellationToken) =>
        await context.ConfigVersions.AsNoTracking().FirstOrDefaultAsync(v => v.Version == version, cancellationToken) is { } row
            ? CatalogRows.Expand(row.Body)
            : null;

    private static AdministrationFailure NotKept(long version) => AdministrationFailure.NotFound(What, version.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private async Task<(CatalogRows Target, IReadOnlyList<string> Notes)> TargetAsync(
        GatewayDbContext context, CatalogRows then, CatalogRows now, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        foreach (ProviderRow provider in then.Providers)
        {
            ProviderRow? present = now.Providers.Find(p => p.Id == provider.Id);
            foreach (CredentialRow credential in provider.Credentials)
            {
                string named = $"The credential \"{credential.Label}\" of provider \"{provider.Name}\"";
                if (present?.Credentials.Find(c => c.Id == credential.Id) is { } kept)
                {
                    if (kept.EncryptedSecret != credential.EncryptedSecret)
                    {
                        credential.EncryptedSecret = kept.EncryptedSecret;
                        notes.Add($"{named} keeps its present secret, which was entered since.");
                    }
                }
                else
                {
                    notes.Add(secrets.TryUnprotect(credential.EncryptedSecret) is null
                        ? $"{named} was deleted since and its secret cannot be decrypted any more: enter it again afterwards."
                        : $"{named} was deleted since; it comes back with the secret that it had.");
                }
            }
        }
        await KeptKeys.KeepAsync(context, then, now, sources.File, notes, cancellationToken);
        return (then, notes);
    }
}
