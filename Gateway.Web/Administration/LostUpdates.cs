using System.Text.Json;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>Finds changes of a field that somebody else has changed since it was read: the later would undo the earlier, and nobody would know.</summary>
internal static class LostUpdates
{
    // Of one entry, newest first: further back nobody has had it open.
    private const int Remembered = 100;

    /// <summary>The failure when <paramref name="notes"/> change what is not any more as <see cref="Actor.Saw"/> has it; null when they do not.</summary>
    public static async Task<AdministrationFailure?> FindAsync(GatewayDbContext database, Actor actor, IEnumerable<AuditNote> notes, CancellationToken cancellationToken)
    {
        if (actor.Saw is null)
        {
            return null;
        }
        JsonElement saw = Json(actor.Saw);
        foreach (AuditNote note in notes.Where(n => Field(saw, "id") is var id && (id is null || id == n.EntityId)))
        {
            (JsonElement before, JsonElement after) = (Json(note.Before), Json(note.After));
            string[] lost = [.. Names(after).Where(f => f != "updated_at" && saw.TryGetProperty(f, out _) && Differs(before, after, f) && Differs(saw, before, f))];
            if (lost.Length > 0)
            {
                return AdministrationFailure.ChangedMeanwhile(await WhoChangedAsync(database, note.EntityId, lost, cancellationToken), lost);
            }
        }
        return null;
    }

    private static async Task<string?> WhoChangedAsync(GatewayDbContext database, string entity, string[] fields, CancellationToken cancellationToken)
    {
        List<AuditRow> rows = await database.Audit.AsNoTracking().Where(a => a.EntityId == entity).OrderByDescending(a => a.Id).Take(Remembered).ToListAsync(cancellationToken);
        return rows.Find(r => Array.Exists(fields, f => Differs(Parse(r.BeforeJson), Parse(r.AfterJson), f)))?.Actor;
    }

    private static bool Differs(JsonElement one, JsonElement other, string field) => Field(one, field) != Field(other, field);

    private static IEnumerable<string> Names(JsonElement entry) => entry.ValueKind == JsonValueKind.Object ? entry.EnumerateObject().Select(p => p.Name) : [];

    // Not to be there is to be null.
    private static string? Field(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

    private static JsonElement Json(object? entry) => entry is null ? default : JsonSerializer.SerializeToElement(entry, entry.GetType(), AdministrationJson.Options);

    private static JsonElement Parse(string? json) => json is null ? default : JsonElement.Parse(json);
}
