using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Alerts;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Backups;

/// <summary>
/// Takes what people have set up out of the database as one encrypted file, and puts it into this or another one. Usage, the
/// audit log, accounts and sessions stay where they are.
/// </summary>
internal sealed class BackupAdministration(
    AdministrationDatabase database, CatalogChanges changes, CatalogSources sources, CatalogRowReader reader, BackupSecrets secrets, TimeProvider time)
{
    public const int LeastPassphrase = 12;

    // What running gateways note for themselves.
    private static readonly string[] Passing = [SessionTickets.Kind, AlertLease.Kind, AlertState.Kind];

    public async Task<AdministrationResult<BackupMade>> MakeAsync(BackupChange change, Actor actor, CancellationToken cancellationToken)
    {
        if (change.Passphrase is not { Length: >= LeastPassphrase } passphrase)
        {
            return AdministrationFailure.Invalid("passphrase", $"At least {LeastPassphrase} characters: whoever has it and the file has all secrets.");
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        var content = new BackupContent
        {
            Catalog = await CatalogRows.ReadAsync(context, cancellationToken),
            Documents = await context.Documents.AsNoTracking().Where(d => !Passing.Contains(d.Kind)).OrderBy(d => d.Id).ToListAsync(cancellationToken),
        };
        secrets.Uncover(content);
        DateTimeOffset now = time.GetUtcNow();
        BackupFile file = await OffPool.RunAsync("Backup", () => BackupFile.Seal(content, passphrase, now, actor.Name), cancellationToken);
        context.Audit.Add(AuditLog.NewRow(actor, new AuditNote("backup.make", "", "backup", null, new { bytes = file.Data.Length, documents = content.Documents.Count, content.Lost }), now));
        await context.SaveChangesAsync(cancellationToken);
        return new BackupMade(file, content.Lost);
    }

    /// <summary>
    /// Makes the configuration what the backup says, as one change. Keys are kept as <see cref="KeptKeys"/> says; documents that
    /// the backup does not have stay.
    /// </summary>
    public async Task<AdministrationResult<RestoreView>> RestoreAsync(RestoreChange change, Actor actor, CancellationToken cancellationToken)
    {
        if (change.Backup is not { IsKnown: true } file)
        {
            return AdministrationFailure.Invalid("backup", "This is no backup of this gateway, or of a later version of it.");
        }
        if (await OffPool.RunAsync("Backup", () => Open(file, change.Passphrase ?? ""), cancellationToken) is not { } content)
        {
            return AdministrationFailure.Invalid("passphrase", "The passphrase is not the one that the backup was made with, or the file was changed.");
        }
        if (change.DryRun)
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            (CatalogRows target, RestoreView view) = await PrepareAsync(context, content, file, cancellationToken);
            IReadOnlyList<CatalogError> errors = await sources.CheckAsync(target.ToDefinition(reader), cancellationToken);
            return errors.Count > 0 ? AdministrationFailure.Invalid(errors) : view;
        }
        AdministrationResult<RestoreView> result = await changes.ApplyAsync<RestoreView>(actor, async edit =>
        {
            (CatalogRows target, RestoreView view) = await PrepareAsync(edit.Database, content, file, cancellationToken);
            await CatalogReplacement.ApplyAsync(edit, target, reader, cancellationToken);
            edit.Audit("backup.restore", "", $"backup of {file.MadeAt:yyyy-MM-dd HH:mm}", null, new { view.Differences, view.Documents, view.Notes });
            return view;
        }, cancellationToken);
        return result.IsDone ? result.Value with { Applied = sources.Database.Version } : result;
    }

    private static BackupContent? Open(BackupFile file, string passphrase)
    {
        try
        {
            return file.Open(passphrase);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            // Made by a version whose rows this one cannot read.
            return null;
        }
    }

    private async Task<(CatalogRows Target, RestoreView View)> PrepareAsync(
        GatewayDbContext context, BackupContent content, BackupFile file, CancellationToken cancellationToken)
    {
        CatalogRows now = await CatalogRows.ReadAsync(context, cancellationToken);
        // A copy, since a change may run again from the start.
        BackupContent copy = content with { Catalog = content.Catalog.Copy(), Documents = [.. content.Documents.Select(d => d.Copy())] };
        secrets.Cover(copy.Catalog.Providers, now.Providers);
        List<string> notes = [.. content.Lost.Select(l => $"The backup has no secret of the {l}: it could not be decrypted when it was made.")];
        await KeptKeys.KeepAsync(context, copy.Catalog, now, sources.File, notes, cancellationToken);
        int documents = 0;
        foreach (DocumentRow document in copy.Documents)
        {
            documents += await PutAsync(context, document, cancellationToken) ? 1 : 0;
        }
        IReadOnlyList<ConfigDifference> differences = ConfigDiff.Between(sources.Whole(now), sources.Whole(copy.Catalog));
        return (copy.Catalog, new RestoreView(file.MadeAt, file.MadeBy, null, differences, documents, notes));
    }

    private string Uncovered(DocumentRow document)
    {
        DocumentRow copy = document.Copy();
        secrets.Uncover(copy);
        return copy.BodyJson;
    }

    /// <summary>False when it is here already, as it is in the backup.</summary>
    private async Task<bool> PutAsync(GatewayDbContext context, DocumentRow document, CancellationToken cancellationToken)
    {
        List<DocumentRow> present = await context.Documents
            .Where(d => d.Id == document.Id || (d.Kind == document.Kind && d.Owner == document.Owner && d.Name == document.Name)).ToListAsync(cancellationToken);
        DocumentRow? same = present.Find(d => d.Id == document.Id);
        if (same is not null && present.Count == 1 && same.Name == document.Name && Uncovered(same) == document.BodyJson)
        {
            return false;
        }
        secrets.Cover(document);
        // Others refer to it by its id, so that what bears its name under another id makes room.
        context.Documents.RemoveRange(present.Where(d => d != same));
        if (same is null)
        {
            context.Documents.Add(document);
        }
        else
        {
            context.Entry(same).CurrentValues.SetValues(document);
        }
        return true;
    }
}
