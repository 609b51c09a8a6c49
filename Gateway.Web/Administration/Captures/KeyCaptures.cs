using Gateway.Web.Storage.Catalog;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Captures;

/// <summary>Of which keys the content is kept: switched on for one key, its next calls, and a while.</summary>
internal sealed class KeyCaptures(KeyAdministration keys, CatalogChanges changes)
{
    private const int Default = 20;
    private const int Most = 1000;
    private static readonly TimeSpan DefaultTime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>
    /// Has what is said in the key's next calls kept: so many of them, and until a time. A capture that is on is replaced.
    /// </summary>
    public Task<AdministrationResult<KeyView>> StartAsync(string id, KeyCapture capture, Actor actor, CancellationToken cancellationToken) =>
        keys.ChangeAsync(id, actor, (edit, row) =>
        {
            if (row.RevokedAt is not null)
            {
                return KeyAdministration.Revoked;
            }
            int requests = capture.Requests.Value ?? Default;
            DateTimeOffset until = capture.Until.Value ?? edit.Now + DefaultTime;
            if (requests is < 1 or > Most)
            {
                edit.Error("requests", $"1 to {Most} requests.");
            }
            if (until <= edit.Now || until > edit.Now + Longest)
            {
                edit.Error("until", "A time within the next 24 hours.");
            }
            // As the database has it; and another than the last, since the time names what is counted down.
            until = DateTimeOffset.FromUnixTimeMilliseconds(until.ToUnixTimeMilliseconds());
            return Capture(edit, row, "key.capture.start", requests, until == row.CaptureUntil ? until.AddMilliseconds(-1) : until);
        }, cancellationToken);

    /// <summary>Nothing more is kept, not even of calls that are running. Stopping again changes nothing.</summary>
    public Task<AdministrationResult<KeyView>> StopAsync(string id, Actor actor, CancellationToken cancellationToken) =>
        keys.ChangeAsync(id, actor, (edit, row) => row is { CaptureMost: 0, CaptureUntil: null }
            ? KeyViews.Of(edit, row)
            : Capture(edit, row, "key.capture.stop", 0, null), cancellationToken);

    /// <summary>Nothing more is kept of any key that is this operator's.</summary>
    public Task<AdministrationResult<KeyBulkResult>> StopAllAsync(Actor actor, CancellationToken cancellationToken) =>
        changes.ApplyAsync<KeyBulkResult>(actor, async edit =>
        {
            List<ApiKeyRow> rows = await edit.Database.ApiKeys.Where(k => k.CaptureUntil != null && k.RevokedAt == null).ToListAsync(cancellationToken);
            KeyView[] stopped = [.. rows.Where(r => actor.IsOperatorOf(r.Team)).Select(r => Capture(edit, r, "key.capture.stop", 0, null))];
            return new KeyBulkResult(stopped.Length, stopped);
        }, cancellationToken, ofTeams: true);

    private static KeyView Capture(CatalogEdit edit, ApiKeyRow row, string action, int requests, DateTimeOffset? until)
    {
        KeyView before = KeyViews.Of(edit, row);
        (row.CaptureMost, row.CaptureUntil) = (requests, until);
        if (CatalogRowReader.Read(row) is { } definition)
        {
            edit.Definition = edit.Definition with { Keys = edit.Definition.Keys.With(definition, k => k.Id) };
        }
        KeyView after = KeyViews.Of(edit, row);
        edit.Audit(action, row.Id, row.Name, before, after);
        return after;
    }
}
