using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>Keeps the configuration after each change, in the change's own transaction, and lets go of what is old.</summary>
internal static class VersionKeeping
{
    /// <summary>So many of the newest are kept, however old they are.</summary>
    public const int NewestKept = 500;

    /// <summary>Younger ones are kept beyond that number.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    /// <summary>All bodies together; a gateway with tens of thousands of keys has large ones.</summary>
    public const long MostBytes = 268_435_456;

    // Never fewer, whatever their size.
    private const int LeastKept = 10;
    private const int PruneEvery = 16;

    /// <summary>Before the first change that is kept: what was there, so that one can go back to it.</summary>
    public static async Task KeepFoundAsync(GatewayDbContext context, long version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await context.ConfigVersions.AnyAsync(cancellationToken)
            && await CatalogRows.ReadAsync(context, cancellationToken) is { IsEmpty: false } found)
        {
            context.ConfigVersions.Add(new ConfigVersionRow { Version = version, At = now, Actor = Actor.System.Name, Note = "as it was found", Body = found.Compress() });
        }
    }

    /// <summary>After the change was saved, before its transaction ends.</summary>
    public static async Task KeepAsync(
        GatewayDbContext context, long version, Actor actor, AuditNote note, DateTimeOffset now, CancellationToken cancellationToken)
    {
        CatalogRows rows = await CatalogRows.ReadAsync(context, cancellationToken);
        string text = $"{note.Action} {note.EntityName}";
        context.ConfigVersions.Add(new ConfigVersionRow
        {
            Version = version,
            At = now,
            Actor = actor.Name,
            Note = text.Length > 500 ? text[..500] : text,
            Body = rows.Compress(),
        });
        await context.SaveChangesAsync(cancellationToken);
        if (version % PruneEvery == 0)
        {
            await PruneAsync(context, now, cancellationToken);
        }
    }

    /// <summary>Deletes versions that are neither among the newest nor young, and the oldest while all together are too large.</summary>
    public static async Task PruneAsync(GatewayDbContext context, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await context.ConfigVersions.AsNoTracking().OrderByDescending(v => v.Version)
            .Select(v => new { v.Version, v.At, Bytes = (long)v.Body.Length }).ToListAsync(cancellationToken);
        long bytes = 0;
        for (int i = 0; i < kept.Count; i++)
        {
            bytes += kept[i].Bytes;
            bool old = i >= NewestKept && kept[i].At < now - KeptFor;
            if (old || (i >= LeastKept && bytes > MostBytes))
            {
                long from = kept[i].Version;
                await context.ConfigVersions.Where(v => v.Version <= from).ExecuteDeleteAsync(cancellationToken);
                return;
            }
        }
    }
}
