using System.Linq.Expressions;
using Gateway.Core.Accounting;
using Gateway.Web.Components;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>The calls that the database holds, newest first, read page by page by key.</summary>
internal sealed class RequestHistory(AdministrationDatabase database)
{
    /// <param name="before">Id of the last call of the page before; null for the newest page.</param>
    /// <param name="limit">1 to 500.</param>
    public async Task<IReadOnlyList<UsageRecord>> ListAsync(RequestFilter filter, Guid? before, int limit, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        IQueryable<UsageRecordRow> rows = Where(context.UsageRecords.AsNoTracking(), filter);
        if (before is { } id)
        {
            string key = id.ToString("N");
            long at = await context.UsageRecords.Where(r => r.Id == key).Select(r => r.StartedAtMs).FirstOrDefaultAsync(cancellationToken);
            rows = rows.Where(r => r.StartedAtMs < at || (r.StartedAtMs == at && r.Id.CompareTo(key) < 0));
        }
        List<UsageRecordRow> page = await rows
            .OrderByDescending(r => r.StartedAtMs).ThenByDescending(r => r.Id)
            .Take(Math.Clamp(limit, 1, 500))
            .ToListAsync(cancellationToken);
        return [.. page.Select(UsageRowReader.Read)];
    }

    /// <summary>Null when it is not there (yet, or any more).</summary>
    public async Task<UsageRecord?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        string key = id.ToString("N");
        UsageRecordRow? row = await context.UsageRecords.AsNoTracking().FirstOrDefaultAsync(r => r.Id == key, cancellationToken);
        return row is null ? null : UsageRowReader.Read(row);
    }

    /// <summary>Whether there is any call at all.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await context.UsageRecords.AnyAsync(cancellationToken);
    }

    private static IQueryable<UsageRecordRow> Where(IQueryable<UsageRecordRow> rows, RequestFilter filter)
    {
        if (filter.Range is { } range)
        {
            long from = range.From.ToUnixTimeMilliseconds();
            long to = range.Preset is null ? range.To.ToUnixTimeMilliseconds() : long.MaxValue;
            rows = rows.Where(r => r.StartedAtMs >= from && r.StartedAtMs < to);
        }
        rows = filter.Outcome switch
        {
            null => rows,
            RequestFilter.Succeeded => rows.Where(r => r.ErrorKind == null),
            RequestFilter.Failed => rows.Where(r => r.ErrorKind != null),
            _ => rows.Where(r => r.ErrorKind == filter.Outcome),
        };
        return rows
            .WhereIf(filter.Model is not null, r => r.Model == filter.Model || r.RequestedModel == filter.Model)
            .WhereIf(filter.Provider is not null, r => r.Provider == filter.Provider)
            .WhereIf(filter.KeyId is not null, r => r.KeyId == filter.KeyId)
            .WhereIf(filter.Text is not null, r => r.RequestId.StartsWith(filter.Text!));
    }
}

file static class Conditional
{
    public static IQueryable<T> WhereIf<T>(this IQueryable<T> source, bool condition, Expression<Func<T, bool>> predicate) =>
        condition ? source.Where(predicate) : source;
}
