using System.Text.Json;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Appearances;

/// <summary>Each person's appearance. It is nobody else's business, and therefore no matter for the audit log.</summary>
internal sealed class AppearanceAdministration(AdministrationDatabase database, TimeProvider time)
{
    private const string Kind = "appearance";

    /// <summary>What was chosen; the defaults where nothing was, or where a newer version wrote what this one cannot read.</summary>
    public async Task<Appearance> GetAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        string? body = await Own(context, actor).AsNoTracking().Select(d => d.BodyJson).FirstOrDefaultAsync(cancellationToken);
        try
        {
            return body is null ? new Appearance() : JsonSerializer.Deserialize<Appearance>(body, AdministrationJson.Options) ?? new Appearance();
        }
        catch (JsonException)
        {
            return new Appearance();
        }
    }

    public async Task SaveAsync(Appearance appearance, Actor actor, CancellationToken cancellationToken)
    {
        string body = AdministrationJson.Serialize(appearance);
        DateTimeOffset now = time.GetUtcNow();
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await UpdateAsync() > 0)
        {
            return;
        }
        context.Documents.Add(new DocumentRow { Id = Guid.CreateVersion7(now).ToString("N"), Kind = Kind, Owner = actor.Name, Name = "", BodyJson = body, CreatedAt = now, UpdatedAt = now });
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException) when (!cancellationToken.IsCancellationRequested)
        {
            // Another window of the same person was first, unless the database refuses this too and says why.
            if (await UpdateAsync() == 0)
            {
                throw;
            }
        }

        Task<int> UpdateAsync() =>
            Own(context, actor).ExecuteUpdateAsync(d => d.SetProperty(r => r.BodyJson, body).SetProperty(r => r.UpdatedAt, now), cancellationToken);
    }

    private static IQueryable<DocumentRow> Own(GatewayDbContext context, Actor actor) => context.Documents.Where(d => d.Kind == Kind && d.Owner == actor.Name);
}
