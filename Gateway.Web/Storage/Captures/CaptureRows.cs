using System.Data.Common;
using System.Globalization;

namespace Gateway.Web.Storage.Captures;

/// <summary>The statements on <c>captured_calls</c>; the same in all three databases.</summary>
internal static class CaptureRows
{
    /// <summary>
    /// Writes what was said in a call and takes it off what its key's order allows, both or neither: so that no more is kept
    /// than was asked for, on however many nodes, and nothing after an operator has ended it.
    /// </summary>
    /// <param name="until">The end of the order, which is its name.</param>
    /// <returns>How many calls are still to be kept.</returns>
    public static async Task<int> AddAsync(
        DbConnection connection, string id, string keyId, DateTimeOffset until, DateTimeOffset at, DateTimeOffset expiresAt, byte[] body, CancellationToken cancellation)
    {
        await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await using DbCommand take = Command(
            connection, transaction,
            "UPDATE \"api_keys\" SET \"capture_most\" = \"capture_most\" - 1 WHERE \"id\" = @p0 AND \"capture_until\" = @p1 AND \"capture_most\" > 0 "
            // It may be tried again after the database's answer was lost.
            + "AND NOT EXISTS (SELECT 1 FROM \"captured_calls\" WHERE \"id\" = @p2)",
            keyId, until.ToUnixTimeMilliseconds(), id);
        if (await take.ExecuteNonQueryAsync(cancellation) > 0)
        {
            await using DbCommand insert = Command(
                connection, transaction,
                "INSERT INTO \"captured_calls\" (\"id\", \"key_id\", \"at\", \"expires_at\", \"body\") VALUES (@p0, @p1, @p2, @p3, @p4)",
                id, keyId, at.ToUnixTimeMilliseconds(), expiresAt.ToUnixTimeMilliseconds(), body);
            await insert.ExecuteNonQueryAsync(cancellation);
        }
        await using DbCommand count = Command(
            connection, transaction,
            "SELECT \"capture_most\" FROM \"api_keys\" WHERE \"id\" = @p0 AND \"capture_until\" = @p1", keyId, until.ToUnixTimeMilliseconds());
        int left = await count.ExecuteScalarAsync(cancellation) is { } found ? Convert.ToInt32(found, CultureInfo.InvariantCulture) : 0;
        await transaction.CommitAsync(cancellation);
        return left;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction transaction, string sql, params ReadOnlySpan<object> values)
    {
        DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.AddParameters(values);
        return command;
    }
}
