using System.Data.Common;
using System.Text;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// Tells budgets what was spent before they counted: in earlier runs, and of a new budget what its window cost so far. From the
/// rollups and the journal's tail; until it has, a hard budget lets nothing through. Where other nodes write to the same books it
/// tells them again and again what the window has cost by now: a node that gets none of a budget's calls would show, and raise alerts
/// by, what it knew when it started.
/// </summary>
internal sealed partial class BudgetSeeds(
    GatewayCatalog catalog,
    Journal journal,
    GatewayDatabase database,
    DatabaseSchema schema,
    InterruptedCalls interrupted,
    TimeProvider time,
    ILogger<BudgetSeeds> logger) : BackgroundService
{
    /// <summary>How long a call waits for it; then it is refused.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _changed = new(0);
    private bool _isAway;

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void Wake()
        {
            // One waiting look is enough, however many changes it is for.
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
        catalog.Changed += Wake;
        // Also where it starts again: what it was about to read when it failed is still not known.
        Wake();
        try
        {
            await interrupted.Done.WaitAsync(stoppingToken);
            while (true)
            {
                // A SQLite file has no other node.
                bool changed = await _changed.WaitAsync(database.Provider == DatabaseProvider.Sqlite ? Timeout.InfiniteTimeSpan : Refresh, stoppingToken);
                if (!await TryReadAsync(all: !changed, stoppingToken) && changed)
                {
                    await Task.Delay(Pause, time, stoppingToken);
                    Wake();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
        finally
        {
            catalog.Changed -= Wake;
        }
    }

    /// <summary>Tells budgets what the books hold; false while the database is away.</summary>
    /// <param name="all">Those too that have been told before.</param>
    internal async Task<bool> TryReadAsync(bool all, CancellationToken cancellationToken)
    {
        List<(Budget Budget, LimitScope Scope)> budgets =
        [
            .. catalog.Current.Scopes.Values.SelectMany(s => s.Budgets.Select(b => (b, s))).Where(p => all || !p.b.Meter.Seeded.IsCompleted),
        ];
        if (budgets.Count == 0)
        {
            return true;
        }
        try
        {
            await schema.EnsureAsync(cancellationToken);
            await using DbConnection connection = await database.OpenAsync(cancellationToken);
            await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(connection, journal, cancellationToken);
            DateTimeOffset began = time.GetUtcNow();
            foreach (IGrouping<DateTimeOffset, (Budget Budget, LimitScope Scope)> window in budgets.GroupBy(b => b.Budget.WindowAt(began).Start))
            {
                List<Spending> spent = await ReadAsync(snapshot, window.Key, cancellationToken);
                foreach ((Budget budget, LimitScope scope) in window)
                {
                    var sum = new NanoUsd(spent.Where(s => scope.Covers(s.KeyId, catalog.Current.TeamOf(s.KeyId), s.Model, s.Provider)).Sum(s => s.NanoUsd));
                    DateTimeOffset now = time.GetUtcNow();
                    budget.Meter.Seed(budget, budget.WindowAt(began), sum, now);
                    budget.Meter.AtLeast(budget, budget.WindowAt(began), sum, now);
                }
            }
            _isAway = false;
            return true;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            if (!_isAway && budgets.Exists(b => !b.Budget.Meter.Seeded.IsCompleted))
            {
                _isAway = true;
                LogAway(DatabaseErrors.ReasonOf(e));
            }
            return false;
        }
    }

    private async Task<List<Spending>> ReadAsync(UsageSnapshot snapshot, DateTimeOffset since, CancellationToken cancellationToken)
    {
        long from = Math.Max(since.ToUnixTimeMilliseconds(), 0) / RollupBucket.MinuteMs * RollupBucket.MinuteMs;
        long to = (time.GetUtcNow().ToUnixTimeMilliseconds() / RollupBucket.MinuteMs * RollupBucket.MinuteMs) + RollupBucket.MinuteMs;
        var values = new List<object>();
        var where = new StringBuilder();
        foreach ((RollupResolution resolution, long start, long end) in RollupPieces.Of(from, to, null))
        {
            int at = values.Count;
            where.Append(where.Length == 0 ? "" : " OR ")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $"(\"resolution\" = @p{at} AND \"bucket_start_ms\" >= @p{at + 1} AND \"bucket_start_ms\" < @p{at + 2})");
            values.AddRange([(short)resolution, start, end]);
        }
        await using DbCommand command = snapshot.Connection.CreateCommand();
        command.Transaction = snapshot.Transaction;
        command.CommandText = "SELECT \"key_id\", \"model\", \"provider\", SUM(\"cost_nano_usd\") FROM \"usage_rollups\" "
            + $"WHERE {where} GROUP BY \"key_id\", \"model\", \"provider\"";
        command.AddParameters(values.ToArray());
        var spent = new List<Spending>();
        await using (DbDataReader row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                // PostgreSQL sums integers to decimals.
                spent.Add(new Spending(row.GetString(0), row.GetString(1), row.GetString(2), Convert.ToInt64(row.GetValue(3), null)));
            }
        }
        spent.AddRange(snapshot.ReadTail()
            .Where(r => r.StartedAt >= since && r.Cost is not null)
            .Select(r => new Spending(r.KeyId ?? "", r.Model ?? "", r.Provider ?? "", r.Cost!.Value.Value)));
        return spent;
    }

    private readonly record struct Spending(string KeyId, string Model, string Provider, long NanoUsd);

    [LoggerMessage(Level = LogLevel.Error, Message = "What budgets have spent cannot be read, so that hard budgets let nothing through until it can. {Reason}")]
    private partial void LogAway(string reason);
}
