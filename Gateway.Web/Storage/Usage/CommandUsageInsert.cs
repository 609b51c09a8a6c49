using System.Data.Common;
using System.Globalization;
using Gateway.Core.Accounting;

namespace Gateway.Web.Storage.Usage;

/// <summary>Many rows in a command, as many commands as are needed: one journey to the server each.</summary>
internal sealed class CommandUsageInsert(UsageDialect dialect) : IUsageInsert
{
    public async Task InsertAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        int whole = records.Count / dialect.RowsInACommand * dialect.RowsInACommand;
        await InsertAsync(connection, transaction, records, 0, whole, dialect.RowsInACommand, cancellationToken);
        await InsertAsync(connection, transaction, records, whole, records.Count, records.Count - whole, cancellationToken);
    }

    private async Task InsertAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<UsageRecord> records, int first, int end, int rows, CancellationToken cancellationToken)
    {
        if (first == end)
        {
            return;
        }
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = dialect.InsertRecords(rows);
        UsageColumn[] columns = UsageColumn.All;
        for (int p = 0; p < rows * columns.Length; p++)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = "@p" + p.ToString(CultureInfo.InvariantCulture);
            parameter.DbType = columns[p % columns.Length].Type;
            command.Parameters.Add(parameter);
        }
        await command.PrepareAsync(cancellationToken);
        for (int record = first; record < end; record += rows)
        {
            for (int p = 0; p < rows * columns.Length; p++)
            {
                command.Parameters[p].Value = columns[p % columns.Length].ValueOf(records[record + (p / columns.Length)]);
            }
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
