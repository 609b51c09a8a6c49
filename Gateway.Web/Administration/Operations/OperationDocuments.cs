using System.Text.Json;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Operations;

/// <summary>One of the small things of which operations are made: a target, a rule, a channel.</summary>
internal sealed record OperationDocument<T>(string Id, string Name, T Body, DateTimeOffset UpdatedAt);

/// <summary>Keeps targets, rules and channels, each change with its audit entry in one transaction. Whoever may change what is of some teams only may change none.</summary>
internal sealed class OperationDocuments(AdministrationDatabase database, TimeProvider time)
{
    /// <summary>All of a kind, by name. Whatever cannot be read any more is left out.</summary>
    public async Task<IReadOnlyList<OperationDocument<T>>> ListAsync<T>(string kind, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<DocumentRow> rows = await context.Documents.AsNoTracking().Where(d => d.Kind == kind && d.Owner == "").OrderBy(d => d.Name).ToListAsync(cancellationToken);
        return [.. rows.Select(Read<T>).OfType<OperationDocument<T>>()];
    }

    public async Task<OperationDocument<T>?> FindAsync<T>(string kind, string id, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await context.Documents.AsNoTracking().FirstOrDefaultAsync(d => d.Id == id && d.Kind == kind && d.Owner == "", cancellationToken) is { } row ? Read<T>(row) : null;
    }

    /// <summary>Adds one, or replaces the one with that id.</summary>
    /// <param name="id">Null adds.</param>
    /// <param name="note">What the audit log will hold, by the entry's id.</param>
    public async Task<AdministrationResult<OperationDocument<T>>> SaveAsync<T>(
        string kind, string what, string? id, string name, T body, Func<string, AuditNote> note, Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Teams is not null)
        {
            return AdministrationFailure.Forbidden;
        }
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            if (await context.Documents.AnyAsync(d => d.Kind == kind && d.Owner == "" && d.Name == name && d.Id != id, cancellationToken))
            {
                return AdministrationFailure.NameTaken(what, name);
            }
            DateTimeOffset now = time.GetUtcNow();
            DocumentRow? row = id is null ? null : await context.Documents.FirstOrDefaultAsync(d => d.Id == id && d.Kind == kind, cancellationToken);
            if (id is not null && row is null)
            {
                return AdministrationFailure.NotFound(what, id);
            }
            if (row is null)
            {
                row = new DocumentRow { Id = Guid.CreateVersion7(now).ToString("N"), Kind = kind, Owner = "", Name = name, BodyJson = "{}", CreatedAt = now };
                context.Documents.Add(row);
            }
            (row.Name, row.BodyJson, row.UpdatedAt) = (name, AdministrationJson.Serialize(body), now);
            AuditNote change = note(row.Id);
            if (await LostUpdates.FindAsync(context, actor, [change], cancellationToken) is { } lost)
            {
                return lost;
            }
            context.Audit.Add(AuditLog.NewRow(actor, change, now));
            await context.SaveChangesAsync(cancellationToken);
            return new OperationDocument<T>(row.Id, name, body, now);
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.UnavailableBecause(e);
        }
    }

    /// <summary>Deletes one, and what goes with it.</summary>
    /// <param name="alsoOfKind">Documents of that kind that have the id for their name.</param>
    public async Task<AdministrationFailure?> DeleteAsync(
        string kind, string what, string id, AuditNote note, Actor actor, CancellationToken cancellationToken, string? alsoOfKind = null)
    {
        if (actor.Teams is not null)
        {
            return AdministrationFailure.Forbidden;
        }
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            DocumentRow? row = await context.Documents.FirstOrDefaultAsync(d => d.Id == id && d.Kind == kind, cancellationToken);
            if (row is null)
            {
                return AdministrationFailure.NotFound(what, id);
            }
            context.Documents.Remove(row);
            if (alsoOfKind is not null)
            {
                context.Documents.RemoveRange(await context.Documents.Where(d => d.Kind == alsoOfKind && d.Name == id).ToListAsync(cancellationToken));
            }
            context.Audit.Add(AuditLog.NewRow(actor, note, time.GetUtcNow()));
            await context.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.UnavailableBecause(e);
        }
    }

    private static OperationDocument<T>? Read<T>(DocumentRow row)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(row.BodyJson, AdministrationJson.Options) is { } body ? new OperationDocument<T>(row.Id, row.Name, body, row.UpdatedAt) : null;
        }
        catch (JsonException)
        {
            // Written by a newer version of this program.
            return null;
        }
    }
}
