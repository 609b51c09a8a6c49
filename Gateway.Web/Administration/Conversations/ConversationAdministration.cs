using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Conversations;

/// <summary>
/// The conversations that people have had in the playground: each sees their own only, and nobody else's. They are notes, not
/// configuration, and therefore no matter for the audit log.
/// </summary>
internal sealed class ConversationAdministration(AdministrationDatabase database, TimeProvider time)
{
    /// <summary>How many are kept of one person; the one not touched for longest goes first.</summary>
    public const int Most = 100;

    /// <summary>Longest data URL of an image that is kept, in characters.</summary>
    public const int MostImageLength = 65_536;

    private const string Kind = "conversation";
    private const string What = "conversation";
    private const int MostBytes = 524_288;
    private const int MostNameLength = 120;

    /// <summary>The one last changed first.</summary>
    public async Task<IReadOnlyList<ConversationHead>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        var rows = await Own(context, actor).AsNoTracking().Select(d => new { d.Id, d.Name, d.CreatedAt, d.UpdatedAt }).ToListAsync(cancellationToken);
        return [.. rows.OrderByDescending(r => r.UpdatedAt).ThenByDescending(r => r.Id, StringComparer.Ordinal).Select(r => new ConversationHead(r.Id, r.Name, r.CreatedAt, r.UpdatedAt))];
    }

    public async Task<AdministrationResult<ConversationView>> GetAsync(string id, Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await Own(context, actor).AsNoTracking().FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is { } row
            ? View(row)
            : AdministrationFailure.NotFound(What, id);
    }

    /// <summary>The model that this person talked to last; null where nothing is kept.</summary>
    public async Task<string?> LastModelAsync(Actor actor, CancellationToken cancellationToken)
    {
        IReadOnlyList<ConversationHead> all = await ListAsync(actor, cancellationToken);
        return all.Count > 0 && await GetAsync(all[0].Id, actor, cancellationToken) is { IsDone: true, Value.Content.Panes: [{ } last, ..] } ? last.Model : null;
    }

    public async Task<AdministrationResult<ConversationView>> CreateAsync(ConversationChange change, Actor actor, CancellationToken cancellationToken)
    {
        List<CatalogError> problems = [];
        string name = Name(change.Name.Or(null), problems);
        string body = Body(change.Content.Or(null), problems);
        if (problems.Count > 0)
        {
            return AdministrationFailure.Invalid(problems);
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        // Without their bodies, which may be large.
        var own = await Own(context, actor).Select(d => new { d.Id, d.Name, d.UpdatedAt }).ToListAsync(cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        var row = new DocumentRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Kind = Kind,
            Owner = actor.Name,
            Name = Free(name, [.. own.Select(d => d.Name)]),
            BodyJson = body,
            CreatedAt = now,
            UpdatedAt = now,
        };
        context.Documents.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        string[] surplus = [.. own.OrderByDescending(d => d.UpdatedAt).ThenByDescending(d => d.Id, StringComparer.Ordinal).Skip(Most - 1).Select(d => d.Id)];
        if (surplus.Length > 0)
        {
            await Own(context, actor).Where(d => surplus.Contains(d.Id)).ExecuteDeleteAsync(cancellationToken);
        }
        return View(row);
    }

    public async Task<AdministrationResult<ConversationView>> UpdateAsync(string id, ConversationChange change, Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await Own(context, actor).FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } row)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        List<CatalogError> problems = [];
        string name = change.Name.HasValue ? Name(change.Name.Value, problems) : row.Name;
        string body = change.Content.HasValue ? Body(change.Content.Value, problems) : row.BodyJson;
        if (problems.Count > 0)
        {
            return AdministrationFailure.Invalid(problems);
        }
        if (name != row.Name && await Own(context, actor).AnyAsync(d => d.Name == name && d.Id != id, cancellationToken))
        {
            return AdministrationFailure.NameTaken(What, name);
        }
        (row.Name, row.BodyJson, row.UpdatedAt) = (name, body, time.GetUtcNow());
        await context.SaveChangesAsync(cancellationToken);
        return View(row);
    }

    public async Task<AdministrationResult<ConversationHead>> DeleteAsync(string id, Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await Own(context, actor).FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } row)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        context.Documents.Remove(row);
        await context.SaveChangesAsync(cancellationToken);
        return new ConversationHead(row.Id, row.Name, row.CreatedAt, row.UpdatedAt);
    }

    /// <summary>All of this person's.</summary>
    public async Task DeleteAllAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await Own(context, actor).ExecuteDeleteAsync(cancellationToken);
    }

    private static IQueryable<DocumentRow> Own(GatewayDbContext context, Actor actor) => context.Documents.Where(d => d.Kind == Kind && d.Owner == actor.Name);

    private static string Name(string? name, List<CatalogError> problems)
    {
        string trimmed = name?.Trim() ?? "";
        if (trimmed.Length is 0 or > MostNameLength)
        {
            problems.Add(new CatalogError("name", $"1 to {MostNameLength} characters."));
        }
        return trimmed;
    }

    private static string Free(string name, HashSet<string> taken)
    {
        string free = name;
        for (int i = 2; taken.Contains(free); i++)
        {
            free = $"{name} ({i})";
        }
        return free;
    }

    private static string Body(ConversationContent? content, List<CatalogError> problems)
    {
        if (content is null || content.Panes is not { Count: >= 1 and <= 3 } panes || panes.Any(p => p?.Turns is null || p.Turns.Any(t => t is null)))
        {
            problems.Add(new CatalogError("content", "One to three panes, each with a model and its turns."));
            return "";
        }
        string body = AdministrationJson.Serialize(content with
        {
            Panes = [.. panes.Select(p => p with { Turns = [.. p.Turns.Select(WithoutLargeImages)] })],
        });
        if (System.Text.Encoding.UTF8.GetByteCount(body) > MostBytes)
        {
            problems.Add(new CatalogError("content", $"At most {MostBytes} bytes of JSON."));
        }
        return body;
    }

    private static ConversationTurn WithoutLargeImages(ConversationTurn turn)
    {
        string[] kept = [.. turn.Images.Where(i => i.Length <= MostImageLength)];
        return turn with { Images = kept, ImagesLeftOut = turn.ImagesLeftOut + turn.Images.Count - kept.Length };
    }

    private static ConversationView View(DocumentRow row) => new(
        row.Id, row.Name, row.CreatedAt, row.UpdatedAt, JsonSerializer.Deserialize<ConversationContent>(row.BodyJson, AdministrationJson.Options)!);
}
