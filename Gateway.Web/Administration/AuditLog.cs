using System.Text.Json;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Reads what was changed by whom. Entries are written with the change itself, in one transaction.</summary>
internal sealed class AuditLog(AdministrationDatabase database)
{
    private const int MaxLimit = 1001;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<AuditView>> ListAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        IQueryable<AuditRow> entries = context.Audit.AsNoTracking();
        if (query.Actor is not null)
        {
            entries = entries.Where(e => e.Actor == query.Actor);
        }
        if (query.Action is not null)
        {
            entries = entries.Where(e => e.Action == query.Action);
        }
        if (query.EntityId is not null)
        {
            entries = entries.Where(e => e.EntityId == query.EntityId);
        }
        if (query.After is not null)
        {
            // Ids sort by time, so the id alone marks the place.
            entries = entries.Where(e => e.Id.CompareTo(query.After) < 0);
        }
        List<AuditRow> rows = await entries.OrderByDescending(e => e.Id).Take(Math.Clamp(query.Limit, 1, MaxLimit)).ToListAsync(cancellationToken);
        return [.. rows.Select(r => new AuditView(r.Id, r.At, r.Actor, r.Action, r.EntityId, r.EntityName, Parse(r.BeforeJson), Parse(r.AfterJson)))];
    }

    /// <summary>Everybody who changed anything, and everything that was done, each in its order.</summary>
    public async Task<(IReadOnlyList<string> Actors, IReadOnlyList<string> Actions)> ValuesAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<string> actors = await context.Audit.Select(e => e.Actor).Distinct().ToListAsync(cancellationToken);
        List<string> actions = await context.Audit.Select(e => e.Action).Distinct().ToListAsync(cancellationToken);
        return ([.. actors.Order(StringComparer.OrdinalIgnoreCase)], [.. actions.Order(StringComparer.Ordinal)]);
    }

    internal static AuditRow NewRow(Actor actor, AuditNote note, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at).ToString("N"),
        At = at,
        Actor = actor.Name,
        Action = note.Action,
        EntityId = note.EntityId,
        EntityName = note.EntityName,
        BeforeJson = Json(note.Before),
        AfterJson = Json(note.After),
    };

    private static string? Json(object? value) => value is null ? null : JsonSerializer.Serialize(value, value.GetType(), AdministrationJson.Options);

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}
