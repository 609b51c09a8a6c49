using System.Runtime.CompilerServices;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>
/// Single calls, newest first, page by page by key: those in the database and those of this node that are still on their way
/// there.
/// </summary>
internal sealed class RequestHistory(AdministrationDatabase database, Journal? journal = null, TimeProvider? clock = null)
{
    private const int MaxLimit = 1001;

    private readonly TimeProvider _time = clock ?? TimeProvider.System;

    /// <param name="before">Id of the last call of the page before; null for the newest page.</param>
    /// <param name="limit">1 to 1001.</param>
    public async Task<IReadOnlyList<UsageRecord>> ListAsync(RequestQuery query, Guid? before, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, MaxLimit);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(context, journal, cancellationToken);
        Place? end = before is { } id ? await FindPlaceAsync(context, snapshot, id, cancellationToken) : null;
        var newest = new NewestCalls(limit);
        foreach (UsageRecord record in snapshot.ReadTail().Where(query.Matches))
        {
            if (end is not { } last || Place.Of(record).CompareTo(last) < 0)
            {
                newest.Add(record);
            }
        }
        IQueryable<UsageRecordRow> rows = query.Where(context.UsageRecords.AsNoTracking());
        if (end is { } place)
        {
            // The first condition says nothing new but lets the index find the place.
            rows = rows.Where(r => r.StartedAtMs <= place.StartedAtMs && (r.StartedAtMs < place.StartedAtMs || r.Id.CompareTo(place.Id) < 0));
        }
        List<UsageRecordRow> page = await rows
            .OrderByDescending(r => r.StartedAtMs).ThenByDescending(r => r.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);
        page.ForEach(r => newest.Add(UsageRowReader.Read(r)));
        return newest.ToList();
    }

    /// <summary>
    /// As <see cref="ListAsync"/>, for somebody who waits: what no index leads to is looked for window by window, back in time,
    /// until the page is full or patience ends. An empty page with a time is no answer yet.
    /// </summary>
    /// <remarks>Off the caller's context: SQLite reads on the thread that asks, and a page has other things to do meanwhile.</remarks>
    public Task<RequestPage> SearchAsync(RequestQuery query, Guid? before, int limit, CancellationToken cancellationToken) =>
        Task.Run(() => SearchWindowsAsync(query, before, limit, cancellationToken), cancellationToken);

    private async Task<RequestPage> SearchWindowsAsync(RequestQuery query, Guid? before, int limit, CancellationToken cancellationToken)
    {
        if (query.Terms.Count == 0 || query.IsById)
        {
            return new RequestPage(await ListAsync(query, before, limit, cancellationToken), null);
        }
        var calls = new List<UsageRecord>();
        var walk = new TimeWalk(_time, query.From ?? await OldestAsync(cancellationToken), await EndAsync(query, before, cancellationToken));
        while (calls.Count < limit && walk.TryNext(out DateTimeOffset from, out DateTimeOffset to))
        {
            // Calls that began since this one was asked are in the first window.
            DateTimeOffset? end = walk.IsFirst && before is null ? query.To : to;
            calls.AddRange(await ListAsync(query with { From = from, To = end }, before, limit - calls.Count, cancellationToken));
        }
        return new RequestPage(calls, calls.Count < limit ? walk.StoppedAt : null);
    }

    /// <summary>All of them, newest first; what comes in meanwhile is left out.</summary>
    public async IAsyncEnumerable<UsageRecord> StreamAsync(RequestQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Guid? before = null;
        while (await ListAsync(query, before, MaxLimit, cancellationToken) is { Count: > 0 } page)
        {
            foreach (UsageRecord record in page)
            {
                yield return record;
            }
            if (page.Count < MaxLimit)
            {
                break;
            }
            before = page[^1].Id;
        }
    }

    /// <summary>Until when what was said in a call is kept; null: it was not recorded, or is gone.</summary>
    public async Task<DateTimeOffset?> CapturedUntilAsync(Guid id, CancellationToken cancellationToken)
    {
        string key = id.ToString("N");
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        DateTimeOffset now = _time.GetUtcNow();
        return await context.CapturedCalls.Where(c => c.Id == key && c.ExpiresAt > now).Select(c => (DateTimeOffset?)c.ExpiresAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Null when there is no such call (any more).</summary>
    public Task<UsageRecord?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        string key = id.ToString("N");
        return FindAsync(r => r.Id == id, rows => rows.Where(r => r.Id == key), cancellationToken);
    }

    /// <summary>The newest call with that request id; null when there is none.</summary>
    public Task<UsageRecord?> FindAsync(string requestId, CancellationToken cancellationToken) =>
        FindAsync(
            r => r.RequestId == requestId,
            rows => rows.Where(r => r.RequestId == requestId).OrderByDescending(r => r.StartedAtMs).ThenByDescending(r => r.Id),
            cancellationToken);

    /// <summary>Whether there is any call at all.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken) =>
        (await ListAsync(new RequestQuery(), null, 1, cancellationToken)).Count > 0;

    private async Task<UsageRecord?> FindAsync(
        Func<UsageRecord, bool> isIt, Func<IQueryable<UsageRecordRow>, IQueryable<UsageRecordRow>> where, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(context, journal, cancellationToken);
        if (snapshot.ReadTail().LastOrDefault(isIt) is { } onItsWay)
        {
            return onItsWay;
        }
        UsageRecordRow? row = await where(context.UsageRecords.AsNoTracking()).FirstOrDefaultAsync(cancellationToken);
        return row is null ? null : UsageRowReader.Read(row);
    }

    private async Task<DateTimeOffset> OldestAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        long? oldest = await context.UsageRecords.OrderBy(r => r.StartedAtMs).Select(r => (long?)r.StartedAtMs).FirstOrDefaultAsync(cancellationToken);
        return oldest is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : _time.GetUtcNow().AddDays(-1);
    }

    private async Task<DateTimeOffset> EndAsync(RequestQuery query, Guid? before, CancellationToken cancellationToken)
    {
        if (before is { } id && await FindAsync(id, cancellationToken) is { } last)
        {
            return last.StartedAt.AddMilliseconds(1);
        }
        return query.To ?? _time.GetUtcNow();
    }

    private static async Task<Place?> FindPlaceAsync(GatewayDbContext context, UsageSnapshot snapshot, Guid id, CancellationToken cancellationToken)
    {
        if (snapshot.ReadTail().FirstOrDefault(r => r.Id == id) is { } onItsWay)
        {
            return Place.Of(onItsWay);
        }
        string key = id.ToString("N");
        long? at = await context.UsageRecords.Where(r => r.Id == key).Select(r => (long?)r.StartedAtMs).FirstOrDefaultAsync(cancellationToken);
        return at is { } ms ? new Place(ms, key) : null;
    }

    /// <summary>Where a call stands in the list: ids order calls of the same millisecond as the databases do.</summary>
    private readonly record struct Place(long StartedAtMs, string Id) : IComparable<Place>
    {
        public static Place Of(UsageRecord record) => new(record.StartedAt.ToUnixTimeMilliseconds(), record.Id.ToString("N"));

        public int CompareTo(Place other) =>
            StartedAtMs != other.StartedAtMs ? StartedAtMs.CompareTo(other.StartedAtMs) : string.CompareOrdinal(Id, other.Id);
    }

    /// <summary>Keeps the newest of any number of calls.</summary>
    private sealed class NewestCalls(int limit)
    {
        private readonly PriorityQueue<UsageRecord, Place> _calls = new();

        public void Add(UsageRecord record)
        {
            _calls.Enqueue(record, Place.Of(record));
            if (_calls.Count > limit)
            {
                _calls.Dequeue();
            }
        }

        public List<UsageRecord> ToList() =>
            [.. _calls.UnorderedItems.OrderByDescending(c => c.Priority).Select(c => c.Element)];
    }
}
