using System.Data.Common;
using System.Globalization;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>
/// Adds up the calls of any window, from the rollups and the part of the journal that is not in them yet. The rollups are
/// read in the largest pieces that fit: days within, hours beside them, minutes at the edges. What they do not tell apart is
/// counted call by call, the newest of them.
/// </summary>
internal sealed class UsageQueries(AdministrationDatabase database, Journal? journal = null, CallNames? names = null)
{
    /// <summary>Calls that are counted one by one, where it comes to that; fewer where it takes too long.</summary>
    public const int MostCalls = 200_000;

    /// <exception cref="DbException">The database cannot be reached.</exception>
    /// <exception cref="TimeoutException">The database has not come up since the start.</exception>
    public async Task<UsageReport> ReadAsync(UsageQuery query, CancellationToken cancellationToken) =>
        (await ReadAsync([query], cancellationToken))[0];

    /// <summary>
    /// Several reports on the same calls, at the price of one: they differ only in their groupings, and whether they have the
    /// series of the first.
    /// </summary>
    /// <exception cref="ArgumentException">They are on different calls, or have series of their own.</exception>
    public Task<IReadOnlyList<UsageReport>> ReadAsync(IReadOnlyList<UsageQuery> queries, CancellationToken cancellationToken)
    {
        UsageQuery first = queries[0];
        if (queries.Any(q => q.From != first.From || q.To != first.To || q.ToTheMoment != first.ToTheMoment || !q.Terms.SequenceEqual(first.Terms)
            || (q.Interval is not null && q.Interval != first.Interval)))
        {
            throw new ArgumentException("The queries ask about different calls.", nameof(queries));
        }
        // SQLite reads on the thread that asks, and there may be much to add up: whoever draws a page has other things to do meanwhile.
        return Task.Run(() => ReadRowsAsync(queries, cancellationToken), cancellationToken);
    }

    private async Task<IReadOnlyList<UsageReport>> ReadRowsAsync(IReadOnlyList<UsageQuery> queries, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> teams = names?.Teams ?? new Dictionary<string, string>();
        UsageReportBuilder[] reports = [.. queries.Select(q => new UsageReportBuilder(q, teams))];
        UsageQuery query = queries[0];
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(context, journal, cancellationToken);
        DateTimeOffset? from = null;
        if (queries.All(q => q.IsInRollups))
        {
            await ReadRollupsAsync(snapshot, query, reports, cancellationToken);
            if (reports[0].FromMs < reports[0].FirstMinuteMs)
            {
                from = await ReadCallsAsync(context, query, reports, Math.Min(reports[0].FirstMinuteMs, reports[0].ToMs), cancellationToken);
            }
        }
        else
        {
            from = await ReadCallsAsync(context, query, reports, reports[0].ToMs, cancellationToken);
        }
        foreach (UsageRecord record in snapshot.ReadTail())
        {
            long at = record.StartedAt.ToUnixTimeMilliseconds();
            if (at >= reports[0].FromMs && at < reports[0].ToMs && query.Terms.All(t => t.Matches(record)))
            {
                Add(reports, at, record);
            }
        }
        return [.. reports.Select(r => r.Build() with { CountedFrom = from })];
    }

    private static void Add(UsageReportBuilder[] reports, long at, UsageRecord record)
    {
        RollupDimensions dimensions = RollupDimensions.Of(record);
        foreach (UsageReportBuilder report in reports)
        {
            report.Add(at, dimensions, record);
        }
    }

    private static async Task ReadRollupsAsync(UsageSnapshot snapshot, UsageQuery query, UsageReportBuilder[] reports, CancellationToken cancellationToken)
    {
        await using DbCommand command = snapshot.Connection.CreateCommand();
        command.Transaction = snapshot.Transaction;
        if (!RollupCommand(command, query, reports[0]))
        {
            return;
        }
        await using DbDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var dimensions = new RollupDimensions(row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4));
            UsageSums sums = RollupColumns.ReadPlain(row, 5, out byte[]? duration, out byte[]? timeToFirstToken);
            foreach (UsageReportBuilder report in reports)
            {
                report.Add(row.GetInt64(0), dimensions, sums, duration, timeToFirstToken);
            }
        }
    }

    /// <returns>False for an empty window.</returns>
    internal static bool RollupCommand(DbCommand command, UsageQuery query, UsageReportBuilder report)
    {
        var values = new List<object>();
        var sql = new StringBuilder();
        // One statement for each piece: each is a range of the index, where alternatives of ranges may end up in a scan.
        foreach ((RollupResolution resolution, long from, long to) in RollupPieces.Of(report.FirstMinuteMs, report.ToMs, report.IntervalMs))
        {
            sql.Append(sql.Length == 0 ? "" : " UNION ALL ")
                .Append(CultureInfo.InvariantCulture, $"SELECT \"bucket_start_ms\", \"key_id\", \"model\", \"provider\", \"backend_id\", {(query.Latency ? RollupColumns.SumNames : RollupColumns.PlainSumNames)} FROM \"usage_rollups\" WHERE \"resolution\" = ")
                .Append(Parameter((short)resolution))
                .Append(" AND \"bucket_start_ms\" >= ").Append(Parameter(from))
                .Append(" AND \"bucket_start_ms\" < ").Append(Parameter(to));
            foreach (RequestTerm term in query.Terms)
            {
                IEnumerable<string> parts = term.Values.Select(v => $"\"{term.Field.RollupColumn}\" {(v == RequestTerm.Any ? "<> ''" : "= " + Parameter(v))}");
                sql.Append(term.Not ? " AND NOT (" : " AND (").AppendJoin(" OR ", parts).Append(')');
            }
        }
        command.CommandText = sql.ToString();
        command.AddParameters(values.ToArray());
        return sql.Length > 0;

        string Parameter(object value)
        {
            values.Add(value);
            return "@p" + (values.Count - 1).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <returns>Where counting stopped; null when it came to the end.</returns>
    private static async Task<DateTimeOffset?> ReadCallsAsync(GatewayDbContext context, UsageQuery query, UsageReportBuilder[] reports, long toMs, CancellationToken cancellationToken)
    {
        var end = DateTimeOffset.FromUnixTimeMilliseconds(toMs);
        var walk = new TimeWalk(TimeProvider.System, DateTimeOffset.FromUnixTimeMilliseconds(reports[0].FromMs), end);
        int left = MostCalls;
        while (left > 0 && walk.TryNext(out DateTimeOffset from, out DateTimeOffset to))
        {
            long last = 0;
            var calls = new RequestQuery { From = from, To = to, Terms = query.Terms, OnlyWithin = true };
            await foreach (UsageRecordRow row in CallRows(context, calls, left).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                last = row.StartedAtMs;
                left--;
                Add(reports, last, UsageRowReader.Read(row));
            }
            if (left == 0)
            {
                return DateTimeOffset.FromUnixTimeMilliseconds(last);
            }
        }
        return walk.StoppedAt;
    }

    /// <summary>The newest calls, as far as sums need them.</summary>
    internal static IQueryable<UsageRecordRow> CallRows(GatewayDbContext context, RequestQuery calls, int most) =>
        calls.Where(context.UsageRecords.AsNoTracking()).OrderByDescending(r => r.StartedAtMs).ThenByDescending(r => r.Id).Take(most)
            .Select(r => new UsageRecordRow
            {
                Id = r.Id,
                RequestId = "",
                Operation = r.Operation,
                Method = "",
                Path = "",
                StartedAtMs = r.StartedAtMs,
                KeyId = r.KeyId,
                Model = r.Model,
                Provider = r.Provider,
                BackendId = r.BackendId,
                Route = r.Route,
                Status = r.Status,
                Streamed = r.Streamed,
                Admitted = r.Admitted,
                ErrorKind = r.ErrorKind,
                UsageSource = r.UsageSource,
                InputTokens = r.InputTokens,
                CachedInputTokens = r.CachedInputTokens,
                OutputTokens = r.OutputTokens,
                ReasoningTokens = r.ReasoningTokens,
                CostNanoUsd = r.CostNanoUsd,
                DurationUs = r.DurationUs,
                TimeToFirstTokenUs = r.TimeToFirstTokenUs,
                UpstreamUs = r.UpstreamUs,
            });
}
