using System.Data.Common;
using System.Globalization;
using System.Text;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Administration.Budgets;

/// <summary>Reads what scopes have spent, hour by hour, from the rollups and the part of the journal that is not in them yet.</summary>
internal sealed class SpendReader(AdministrationDatabase database, Journal? journal = null)
{
    /// <param name="from">Hours of the clock from this one's on.</param>
    /// <returns>For each scope the hours in which it spent anything, in order.</returns>
    /// <exception cref="DbException">The database cannot be reached.</exception>
    public async Task<IReadOnlyList<SpendHour[]>> ReadAsync(
        IReadOnlyList<LimitScope> scopes, CatalogSnapshot catalog, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var sums = scopes.Select(_ => new SortedDictionary<long, long>()).ToArray();
        void Add(long atMs, string? keyId, string? model, string? provider, long nano)
        {
            string? team = catalog.TeamOf(keyId);
            long hour = atMs / RollupBucket.HourMs * RollupBucket.HourMs;
            for (int i = 0; i < sums.Length; i++)
            {
                if (scopes[i].Covers(keyId, team, model, provider))
                {
                    sums[i][hour] = sums[i].GetValueOrDefault(hour) + nano;
                }
            }
        }
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(context, journal, cancellationToken);
        long fromMs = from.ToUnixTimeMilliseconds() / RollupBucket.MinuteMs * RollupBucket.MinuteMs;
        long toMs = (to.ToUnixTimeMilliseconds() / RollupBucket.MinuteMs * RollupBucket.MinuteMs) + RollupBucket.MinuteMs;
        await using DbCommand command = Command(snapshot, fromMs, toMs);
        await using (DbDataReader row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                // PostgreSQL sums integers to decimals.
                Add(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), Convert.ToInt64(row.GetValue(4), CultureInfo.InvariantCulture));
            }
        }
        foreach (var record in snapshot.ReadTail().Where(r => r.Cost is not null))
        {
            long at = record.StartedAt.ToUnixTimeMilliseconds();
            if (at >= fromMs && at < toMs)
            {
                Add(at, record.KeyId, record.Model, record.Provider, record.Cost!.Value.Value);
            }
        }
        return [.. sums.Select(s => s.Select(h => new SpendHour(DateTimeOffset.FromUnixTimeMilliseconds(h.Key), (double)h.Value / NanoUsd.PerDollar)).ToArray())];
    }

    // One range of the index for each piece: hours, and minutes at the ends.
    private static DbCommand Command(UsageSnapshot snapshot, long from, long to)
    {
        DbCommand command = snapshot.Connection.CreateCommand();
        command.Transaction = snapshot.Transaction;
        var values = new List<object>();
        var sql = new StringBuilder();
        foreach ((RollupResolution resolution, long start, long end) in RollupPieces.Of(from, to, RollupBucket.HourMs))
        {
            int at = values.Count;
            sql.Append(sql.Length == 0 ? "" : " UNION ALL ")
                .Append("SELECT \"bucket_start_ms\", \"key_id\", \"model\", \"provider\", SUM(\"cost_nano_usd\") FROM \"usage_rollups\" ")
                .Append(CultureInfo.InvariantCulture, $"WHERE \"resolution\" = @p{at} AND \"bucket_start_ms\" >= @p{at + 1} AND \"bucket_start_ms\" < @p{at + 2} ")
                .Append("GROUP BY \"bucket_start_ms\", \"key_id\", \"model\", \"provider\"");
            values.AddRange([(short)resolution, start, end]);
        }
        command.CommandText = sql.ToString();
        command.AddParameters(values.ToArray());
        return command;
    }
}
