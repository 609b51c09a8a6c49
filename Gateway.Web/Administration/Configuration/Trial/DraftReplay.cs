using System.Globalization;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration.Trial;

/// <summary>
/// Tries a draft on recorded calls: reads them page by page, holds only what is running at a simulated instant, and changes
/// nothing. One replay at a time; requests are served meanwhile by other threads.
/// </summary>
internal sealed class DraftReplay(
    ConfigDrafts drafts, AdministrationDatabase database, Func<GatewayOptions> options, TimeProvider time, Journal? journal = null) : IDisposable
{
    /// <summary>Records that are read at most.</summary>
    public const long MostRows = 2_000_000;

    private const int MostHours = 720;
    private const int PageSize = 1000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public void Dispose() => _oneAtATime.Dispose();

    /// <param name="progress">Is told now and then how many records were read; null for nobody.</param>
    public async Task<AdministrationResult<ReplayView>> RunAsync(string draft, ReplayChange change, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        int hours = change.Hours ?? 24;
        if (hours is < 1 or > MostHours)
        {
            return AdministrationFailure.Invalid("hours", $"1 to {MostHours} hours.");
        }
        AdministrationResult<(CatalogDefinition Present, CatalogDefinition Draft)> read = await drafts.ReadAsync(draft, cancellationToken);
        if (!read.IsDone)
        {
            return new AdministrationFailure(read.Outcome, read.Errors);
        }
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // Away from whoever waits: SQLite reads on the thread that asks.
            return await Task.Run(() => RunAsync(read.Value.Present, read.Value.Draft, TimeSpan.FromHours(hours), progress, cancellationToken), cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Compares two whole catalogs on what was recorded.</summary>
    internal async Task<AdministrationResult<ReplayView>> RunAsync(
        CatalogDefinition present, CatalogDefinition draft, TimeSpan span, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        CatalogError[] errors = [.. CatalogSnapshot.Build(present, CatalogSnapshot.Empty, out CatalogSnapshot? presently), .. CatalogSnapshot.Build(draft, CatalogSnapshot.Empty, out CatalogSnapshot? drafted)];
        if (errors.Length > 0)
        {
            return AdministrationFailure.Invalid(errors);
        }
        DateTimeOffset to = time.GetUtcNow();
        // A whole minute, so that rollups say exactly what was spent before.
        DateTimeOffset from = DateTimeOffset.FromUnixTimeMilliseconds((to - span).ToUnixTimeMilliseconds() / RollupBucket.MinuteMs * RollupBucket.MinuteMs);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        List<UsageRecord> tail = await ReadTailAsync(from - WarmUp, to, cancellationToken);
        var trial = new CatalogTrial(presently!, drafted!, options(), from - WarmUp);
        await SeedAsync(context, drafted!, from, cancellationToken);
        long rows = 0;
        bool complete = true;
        await foreach (UsageRecord record in ReadAsync(context, from - WarmUp, to, tail, cancellationToken))
        {
            if (record.StartedAt < from)
            {
                trial.WarmUp(record);
                continue;
            }
            if (rows == MostRows)
            {
                complete = false;
                break;
            }
            trial.Add(record);
            if (++rows % PageSize == 0)
            {
                progress?.Report(rows);
            }
        }
        return View(trial, from, to, rows, complete);
    }

    private async Task<List<UsageRecord>> ReadTailAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (journal is null)
        {
            return [];
        }
        await using GatewayDbContext own = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(own, journal, cancellationToken);
        return [.. snapshot.ReadTail().Where(r => r.StartedAt >= from && r.StartedAt < to).OrderBy(r => r.StartedAt).ThenBy(r => r.Id)];
    }

    /// <summary>In the order of their start: the database's pages, and among them what it does not hold yet.</summary>
    private static async IAsyncEnumerable<UsageRecord> ReadAsync(
        GatewayDbContext context, DateTimeOffset from, DateTimeOffset to, List<UsageRecord> tail,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<Guid> seen = [.. tail.Select(r => r.Id)];
        int next = 0;
        (long lastMs, string lastId) = (from.ToUnixTimeMilliseconds() - 1, "");
        long toMs = to.ToUnixTimeMilliseconds();
        while (true)
        {
            List<UsageRecordRow> page = await context.UsageRecords.AsNoTracking()
                .Where(r => r.StartedAtMs < toMs && r.StartedAtMs >= lastMs && (r.StartedAtMs > lastMs || r.Id.CompareTo(lastId) > 0))
                .OrderBy(r => r.StartedAtMs).ThenBy(r => r.Id)
                .Take(PageSize)
                .ToListAsync(cancellationToken);
            foreach (UsageRecordRow row in page)
            {
                UsageRecord record = UsageRowReader.Read(row);
                // It was in the journal when that was read, and has come to the database since.
                if (seen.Contains(record.Id))
                {
                    continue;
                }
                for (; next < tail.Count && tail[next].StartedAt <= record.StartedAt; next++)
                {
                    yield return tail[next];
                }
                yield return record;
            }
            if (page.Count < PageSize)
            {
                break;
            }
            (lastMs, lastId) = (page[^1].StartedAtMs, page[^1].Id);
        }
        for (; next < tail.Count; next++)
        {
            yield return tail[next];
        }
    }

    /// <summary>What each budget's window had cost before the first call.</summary>
    private static async Task SeedAsync(GatewayDbContext context, CatalogSnapshot draft, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var limited = draft.Scopes.Values.SelectMany(s => s.Budgets.Select(b => (Budget: b, Scope: s))).ToList();
        foreach (var window in limited.GroupBy(b => b.Budget.WindowAt(from).Start))
        {
            long start = Math.Max(0, window.Key.ToUnixTimeMilliseconds()) / RollupBucket.MinuteMs * RollupBucket.MinuteMs;
            var spent = new List<(string Key, string Model, string Provider, long Cost)>();
            foreach ((RollupResolution resolution, long first, long end) in RollupPieces.Of(start, from.ToUnixTimeMilliseconds(), null))
            {
                var sums = await context.UsageRollups.AsNoTracking()
                    .Where(r => r.Resolution == resolution && r.BucketStartMs >= first && r.BucketStartMs < end)
                    .GroupBy(r => new { r.KeyId, r.Model, r.Provider })
                    .Select(g => new { g.Key.KeyId, g.Key.Model, g.Key.Provider, Cost = g.Sum(r => r.CostNanoUsd) })
                    .ToListAsync(cancellationToken);
                spent.AddRange(sums.Select(s => (s.KeyId, s.Model, s.Provider, s.Cost)));
            }
            foreach ((Budget budget, LimitScope scope) in window)
            {
                long sum = spent.Where(s => scope.Covers(s.Key, draft.TeamOf(s.Key), s.Model, s.Provider)).Sum(s => s.Cost);
                budget.Meter.Seed(budget, budget.WindowAt(from), new NanoUsd(sum), from);
            }
        }
    }

    private static ReplayView View(CatalogTrial trial, DateTimeOffset from, DateTimeOffset to, long rows, bool complete)
    {
        static IReadOnlyList<ReplayCount> Pair(Dictionary<string, long> then, Dictionary<string, long> now) =>
        [
            .. then.Keys.Union(now.Keys).Select(n => new ReplayCount(n, then.GetValueOrDefault(n), now.GetValueOrDefault(n)))
                .OrderByDescending(c => Math.Max(c.Recorded, c.Draft)).ThenBy(c => c.Name, StringComparer.Ordinal),
        ];
        return new ReplayView(
            from, to, rows, complete, trial.Recorded.View(), trial.Drafted.View(), trial.Changes,
            Pair(trial.Recorded.Refusals, trial.Drafted.Refusals),
            Pair(trial.Recorded.Backends, trial.Drafted.Backends),
            [
                .. trial.Recorded.Models.Keys.Union(trial.Drafted.Models.Keys).Select(m =>
                {
                    (long calls, long cost) = trial.Recorded.Models.GetValueOrDefault(m);
                    (long nowCalls, long nowCost) = trial.Drafted.Models.GetValueOrDefault(m);
                    return new ReplayCost(m, calls, nowCalls, new NanoUsd(cost), new NanoUsd(nowCost));
                }).OrderByDescending(m => Math.Max(m.RecordedUsd.Value, m.DraftUsd.Value)).ThenBy(m => m.Model, StringComparer.Ordinal),
            ],
            Notes(trial, complete));
    }

    private static List<string> Notes(CatalogTrial trial, bool complete)
    {
        static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        var notes = new List<string>
        {
            "What the draft leaves alone goes as it was recorded; what it touches is simulated, by arrival and duration of the recorded calls.",
        };
        if (!complete)
        {
            notes.Add($"There are more records than are read at a time; the comparison ends after {Count(MostRows)}.");
        }
        if (trial.Assumed > 0)
        {
            notes.Add($"{Count(trial.Assumed)} calls would go to a backend that they did not go to: how long it takes, how much it writes and whether it fails is not known; it is taken to answer as the recorded one did.");
        }
        if (trial.Changes.NowServed > 0)
        {
            notes.Add($"{Count(trial.Changes.NowServed)} calls were refused then and would be served: what they would use is the mean of their model's calls before them.");
        }
        if (trial.Unplanned > 0)
        {
            notes.Add($"{Count(trial.Unplanned)} calls have a key that is not there any more; they are taken as recorded.");
        }
        if (trial.Disagreements > 0)
        {
            notes.Add($"{Count(trial.Disagreements)} calls were let through that the simulation alone would have refused: instants are recorded to the millisecond, and so close to a limit that counts.");
        }
        notes.Add("Not simulated: waiting for a place (max_concurrency and the queue), circuits, health checks, credentials' own limits, and what clients do when they are refused. Conversations are not recorded, so prefix-affinity sends all to one backend.");
        return notes;
    }
}
