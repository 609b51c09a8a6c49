using System.Data.Common;
using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// Moves records into the database so that each is counted exactly once: the rows, the rollups and the journal's position
/// change in one transaction, and only if the position still is where the records begin.
/// </summary>
/// <param name="isListed">Whether the catalog has a model of that name; null where all names are known.</param>
/// <param name="giveWay">Called now and then where the work is this thread's own.</param>
internal sealed class UsageWriter(string node, DatabaseProvider provider, TimeProvider time, Func<string, bool>? isListed = null, Action? giveWay = null)
{
    private readonly IUsageInsert _records = provider == DatabaseProvider.Sqlite
        ? new SqliteUsageInsert(UsageDialect.Of(provider), giveWay ?? (() => { }))
        : new CommandUsageInsert(UsageDialect.Of(provider));

    private readonly RollupCache _rollups = new(node, UsageDialect.Of(provider), isListed ?? (_ => true));

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
                await _records.InsertAsync(connection, transaction, records, cancellationToken);
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

    // Sixteen digits, as in the file's name.
    private static string Text(long segment) => segment.ToString("D16", CultureInfo.InvariantCulture);
}
