using Gateway.Web.Administration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Alerts;

/// <summary>
/// Which of the nodes judges the rules: whoever holds a row that has to be taken anew before it runs out. It is changed only
/// if it is still what was read, so that two never hold it.
/// </summary>
internal sealed class AlertLease(AdministrationDatabase database, string node, TimeProvider time)
{
    public const string Kind = "lease";
    private const string Name = "alerts";

    /// <summary>Three looks long: a node that is slow once keeps it, one that is gone loses it within the minute.</summary>
    internal static readonly TimeSpan Term = TimeSpan.FromSeconds(45);

    // A name can be given to two processes by mistake.
    private readonly string _holder = $"{node}/{Guid.NewGuid():N}";

    /// <summary>Takes it, or holds it for another term; false while another node has it.</summary>
    public async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        DocumentRow? row = await context.Documents.AsNoTracking().FirstOrDefaultAsync(d => d.Kind == Kind && d.Owner == "" && d.Name == Name, cancellationToken);
        string mine = AdministrationJson.Serialize(new Holding(_holder, now + Term));
        if (row is null)
        {
            context.Documents.Add(new DocumentRow { Id = Guid.CreateVersion7(now).ToString("N"), Kind = Kind, Owner = "", Name = Name, BodyJson = mine, CreatedAt = now, UpdatedAt = now });
            try
            {
                await context.SaveChangesAsync(cancellationToken);
                return true;
            }
            catch (DbUpdateException)
            {
                // Another node was quicker.
                return false;
            }
        }
        Holding? held = System.Text.Json.JsonSerializer.Deserialize<Holding>(row.BodyJson, AdministrationJson.Options);
        if (held is not null && held.Holder != _holder && held.Until > now)
        {
            return false;
        }
        string before = row.BodyJson;
        return await context.Documents.Where(d => d.Id == row.Id && d.BodyJson == before)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.BodyJson, mine).SetProperty(d => d.UpdatedAt, now), cancellationToken) == 1;
    }

    /// <summary>Gives it back, so that another node need not wait.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await context.Documents.Where(d => d.Kind == Kind && d.Owner == "" && d.Name == Name && d.BodyJson.Contains(_holder)).ExecuteDeleteAsync(cancellationToken);
    }

    private sealed record Holding(string Holder, DateTimeOffset Until);
}
