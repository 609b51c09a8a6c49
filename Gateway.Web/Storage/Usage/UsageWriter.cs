using System.Data.Common;
using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// Moves records into the database so that each is counted exactly once: the rows, the rollups and the journal's position
/// change in one transaction, and only if the position still is where the records begin.
/// </summary>
internal sealed class UsageWriter(string node, UsageDialect dialect, TimeProvider time)
{
    private readonly RollupCache _rollups = new(node, dialect);

    /// <summary>How far the database has got.</summary>
    public static async Task<JournalPosition> ReadPositionAsync(
        DbConnection connection, DbTransaction? transaction, string node, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT \"segment\", \"offset\" FROM \"journal_positions\" WHERE \"node\" = @p0";
        command.AddParameters([node]);
        await using DbDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new JournalPosition(long.Parse(row.GetString(0), CultureInfo.InvariantCulture), (int)row.GetInt64(1))
            : JournalPosition.Start;
    }

    /// <returns>False when the position is not at <paramref name="from"/> any more: nothing was written.</returns>
    /// <exception cref="DbException">Nothing was written, or, when the connection broke in the last moment, all of it: read the position again.</exception>
    public async Task<bool> WriteAsync(
        DbConnection connection, IReadOnlyList<UsageRecord> records, JournalPosition from, JournalPosition to, CancellationToken cancellationToken)
    {
        bool done = false;
        try
        {
            await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (await MovePositionAsync(connection, transaction, from, to, cancellationToken))
            {
                await InsertAsync(connection, transaction, records, cancellationToken);
                await _rollups.WriteAsync(connection, transaction, records, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                done = true;
            }
        }
        finally
        {
            if (!done)
            {
                _rollups.Clear();
            }
        }
        return done;
    }

    private async Task<bool> MovePositionAsync(
        DbConnection connection, DbTransaction transaction, JournalPosition from, JournalPosition to, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = from == JournalPosition.Start
            ? "INSERT INTO \"journal_positions\" (\"node\", \"segment\", \"offset\", \"updated_at\") SELECT @p0, @p1, @p2, @p3 "
                + "WHERE NOT EXISTS (SELECT 1 FROM \"journal_positions\" WHERE \"node\" = @p0)"
            : "UPDATE \"journal_positions\" SET \"segment\" = @p1, \"offset\" = @p2, \"updated_at\" = @p3 "
                + "WHERE \"node\" = @p0 AND \"segment\" = @p4 AND \"offset\" = @p5";
        command.AddParameters([node, Text(to.Segment), (long)to.Offset, time.GetUtcNow().ToUnixTimeMilliseconds()]);
        if (from != JournalPosition.Start)
        {
            DbParameter segment = command.CreateParameter();
            segment.ParameterName = "@p4";
            segment.Value = Text(from.Segment);
            DbParameter offset = command.CreateParameter();
            offset.ParameterName = "@p5";
            offset.Value = (long)from.Offset;
            command.Parameters.Add(segment);
            command.Parameters.Add(offset);
        }
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task InsertAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
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
        int columns = UsageColumn.All.Count;
        for (int p = 0; p < rows * columns; p++)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = "@p" + p.ToString(CultureInfo.InvariantCulture);
            parameter.DbType = UsageColumn.All[p % columns].Type;
            command.Parameters.Add(parameter);
        }
        await command.PrepareAsync(cancellationToken);
        for (int record = first; record < end; record += rows)
        {
            for (int p = 0; p < rows * columns; p++)
            {
                command.Parameters[p].Value = UsageColumn.All[p % columns].Of(records[record + (p / columns)]);
            }
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    // Sixteen digits, as in the file's name.
    private static string Text(long segment) => segment.ToString("D16", CultureInfo.InvariantCulture);
}
