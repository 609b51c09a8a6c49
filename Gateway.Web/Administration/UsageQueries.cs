using System.Data.Common;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Administration;

/// <summary>
/// Adds up the calls of any window, from the rollups and the part of the journal that is not in them yet. The rollups are
/// read in the largest pieces that fit: days within, hours beside them, minutes at the edges.
/// </summary>
internal sealed class UsageQueries(AdministrationDatabase database, Journal? journal = null)
{
    /// <exception cref="DbException">The database cannot be reached.</exception>
    /// <exception cref="TimeoutException">The database has not come up since the start.</exception>
    public async Task<UsageReport> ReadAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var report = new UsageReportBuilder(query);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(context, journal, cancellationToken);
        await ReadRollupsAsync(snapshot, query, report, cancellationToken);
        foreach (UsageRecord record in snapshot.ReadTail())
        {
            long at = record.StartedAt.ToUnixTimeMilliseconds();
            if (at >= report.FromMs && at < report.ToMs && report.Matches(record))
            {
                report.Add(at, RollupDimensions.Of(record), record);
            }
        }
        return report.Build();
    }

    private static async Task ReadRollupsAsync(UsageSnapshot snapshot, UsageQuery query, UsageReportBuilder report, CancellationToken cancellationToken)
    {
        await using DbCommand command = snapshot.Connection.CreateCommand();
        command.Transaction = snapshot.Transaction;
        var values = new List<object>();
        var sql = new StringBuilder(
            $"SELECT \"bucket_start_ms\", \"key_id\", \"model\", \"provider\", \"backend_id\", {RollupColumns.SumNames} FROM \"usage_rollups\" WHERE (");
        string or = "";
        foreach ((RollupResolution resolution, long from, long to) in RollupPieces.Of(report.FromMs, report.ToMs, report.IntervalMs))
        {
            sql.Append(or).Append("(\"resolution\" = ").Append(Parameter((short)resolution))
                .Append(" AND \"bucket_start_ms\" >= ").Append(Parameter(from))
                .Append(" AND \"bucket_start_ms\" < ").Append(Parameter(to)).Append(')');
            or = " OR ";
        }
        if (or.Length == 0)
        {
            return;
        }
        sql.Append(')');
        Restrict("key_id", query.KeyId);
        Restrict("model", query.Model);
        Restrict("provider", query.Provider);
        Restrict("backend_id", query.BackendId);
        command.CommandText = sql.ToString();
        command.AddParameters(values.ToArray());
        await using DbDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var dimensions = new RollupDimensions(row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4));
            report.Add(row.GetInt64(0), dimensions, RollupColumns.Read(row, 5));
        }

        string Parameter(object value)
        {
            values.Add(value);
            return "@p" + (values.Count - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        void Restrict(string column, string? wanted)
        {
            if (wanted is not null)
            {
                sql.Append(" AND \"").Append(column).Append("\" = ").Append(Parameter(wanted));
            }
        }
    }
}
