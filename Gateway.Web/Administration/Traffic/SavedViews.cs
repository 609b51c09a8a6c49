using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Traffic;

/// <summary>A page with its filters, kept under a name by whoever looks at it again and again.</summary>
/// <param name="Page">The page's path without the slash: <c>explore</c>, <c>requests</c>, or empty for the overview.</param>
/// <param name="Query">The address's query without the question mark.</param>
public sealed record SavedView(string Id, string Name, string Page, string Query, DateTimeOffset UpdatedAt);

/// <summary>What is to be kept; a view of the same name is replaced.</summary>
public sealed record SavedViewChange
{
    public string? Name { get; init; }
    public string? Page { get; init; }
    public string? Query { get; init; }
}

/// <summary>The views of each person; nobody sees those of others.</summary>
internal sealed class SavedViews(AdministrationDatabase database, TimeProvider time)
{
    private const string Kind = "view";
    private const string What = "view";
    private const int MostViews = 200;
    private const int MaxQuery = 4_000;
    private static readonly string[] Pages = ["", "explore", "requests"];

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<SavedView>> ListAsync(Actor owner, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<DocumentRow> rows = await Of(context, owner).AsNoTracking().OrderBy(d => d.Name).ToListAsync(cancellationToken);
        return [.. rows.Select(View)];
    }

    public async Task<AdministrationResult<SavedView>> SaveAsync(SavedViewChange change, Actor owner, CancellationToken cancellationToken)
    {
        string name = change.Name?.Trim() ?? "";
        string page = change.Page?.Trim('/') ?? "";
        string query = change.Query?.TrimStart('?') ?? "";
        var problems = new List<CatalogError>();
        void Check(bool fits, string path, string message)
        {
            if (!fits)
            {
                problems.Add(new CatalogError(path, message));
            }
        }
        Check(name.Length is > 0 and <= 100, "name", "A view has a name of 1 to 100 characters.");
        Check(Pages.Contains(page), "page", "page is explore, requests, or empty for the overview.");
        Check(query.Length <= MaxQuery, "query", $"The query has at most {MaxQuery} characters.");
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        DocumentRow? row = await Of(context, owner).FirstOrDefaultAsync(d => d.Name == name, cancellationToken);
        Check(row is not null || await Of(context, owner).CountAsync(cancellationToken) < MostViews, "", $"There are {MostViews} views already; remove some first.");
        if (problems.Count > 0)
        {
            return AdministrationFailure.Invalid(problems);
        }
        DateTimeOffset now = time.GetUtcNow();
        SavedView? before = row is null ? null : View(row);
        if (row is null)
        {
            row = new DocumentRow { Id = Guid.CreateVersion7(now).ToString("N"), Kind = Kind, Owner = owner.Name, Name = name, BodyJson = "{}", CreatedAt = now };
            context.Documents.Add(row);
        }
        row.BodyJson = JsonSerializer.Serialize(new Body(page, query), AdministrationJson.Options);
        row.UpdatedAt = now;
        SavedView view = View(row);
        context.Audit.Add(AuditLog.NewRow(owner, new AuditNote("view.save", view.Id, view.Name, before, view), now));
        await context.SaveChangesAsync(cancellationToken);
        return view;
    }

    public async Task<AdministrationResult<SavedView>> RemoveAsync(string id, Actor owner, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        if (await Of(context, owner).FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } row)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        SavedView view = View(row);
        context.Documents.Remove(row);
        context.Audit.Add(AuditLog.NewRow(owner, new AuditNote("view.remove", view.Id, view.Name, view, null), time.GetUtcNow()));
        await context.SaveChangesAsync(cancellationToken);
        return view;
    }

    private static IQueryable<DocumentRow> Of(GatewayDbContext context, Actor owner) => context.Documents.Where(d => d.Kind == Kind && d.Owner == owner.Name);

    private static SavedView View(DocumentRow row)
    {
        Body body = JsonSerializer.Deserialize<Body>(row.BodyJson, AdministrationJson.Options) ?? new Body("", "");
        return new SavedView(row.Id, row.Name, body.Page, body.Query, row.UpdatedAt);
    }

    private sealed record Body(string Page, string Query);
}
