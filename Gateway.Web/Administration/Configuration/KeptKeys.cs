using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>
/// What earlier rows neither bring back nor take away: a key that was revoked since stays revoked, one that was issued or
/// replaced since goes on working.
/// </summary>
internal static class KeptKeys
{
    /// <param name="then">The earlier rows; its keys are changed accordingly.</param>
    /// <param name="file">What files declare.</param>
    /// <param name="notes">Gets a sentence for each key that is not as it was then.</param>
    public static async Task KeepAsync(
        GatewayDbContext context, CatalogRows then, CatalogRows now, CatalogDefinition file, List<string> notes, CancellationToken cancellationToken)
    {
        List<string> ids = [.. then.Keys.Select(k => k.Id)];
        HashSet<string> revoked = [.. await context.ApiKeys.Where(k => k.RevokedAt != null && ids.Contains(k.Id)).Select(k => k.Id).ToListAsync(cancellationToken)];
        foreach (ApiKeyRow key in then.Keys.Where(k => revoked.Contains(k.Id)))
        {
            notes.Add($"The key \"{key.Name}\" was revoked since and stays revoked.");
        }
        then.Keys.RemoveAll(k => revoked.Contains(k.Id));
        foreach (ApiKeyRow key in then.Keys)
        {
            if (now.Keys.Find(k => k.Id == key.Id) is { } present)
            {
                KeepIdentity(key, present, notes);
            }
        }
        foreach (ApiKeyRow key in now.Keys.Where(k => then.Keys.All(t => t.Id != k.Id)).ToList())
        {
            if (key.Team is not null && then.Teams.All(t => t.Id != key.Team) && file.Teams.All(t => t.Id != key.Team && t.Name != key.Team))
            {
                (key.Team, key.Active) = (null, false);
                notes.Add($"The key \"{key.Name}\" was issued since for a team that did not exist then: it is switched off.");
            }
            else
            {
                notes.Add($"The key \"{key.Name}\" was issued since and stays as it is.");
            }
            then.Keys.Add(key);
        }
    }

    // A rotated key's old text is not to open anything again.
    private static void KeepIdentity(ApiKeyRow key, ApiKeyRow present, List<string> notes)
    {
        if (key.Hash != present.Hash)
        {
            notes.Add($"The key \"{key.Name}\" was replaced since; the new one stays.");
        }
        (key.Hash, key.Prefix, key.PreviousHash, key.PreviousUntil) = (present.Hash, present.Prefix, present.PreviousHash, present.PreviousUntil);
        (key.CaptureMost, key.CaptureUntil) = (present.CaptureMost, present.CaptureUntil);
    }
}
