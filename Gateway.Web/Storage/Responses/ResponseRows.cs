using System.Data;
using System.Data.Common;

namespace Gateway.Web.Storage.Responses;

/// <summary>The statements on <c>stored_responses</c>; the same in all three databases.</summary>
internal static class ResponseRows
{
    private const string Columns = "\"id\", \"key_id\", \"model\", \"provider_id\", \"created_at\", \"expires_at\", \"body\"";
    private static readonly DbType[] Types = [DbType.String, DbType.String, DbType.String, DbType.String, DbType.Int64, DbType.Int64, DbType.Binary];

    /// <summary>Writes all of them that are not there yet.</summary>
    public static async Task InsertAsync(DbConnection connection, IReadOnlyList<KeptResponse> responses, CancellationToken cancellation)
    {
        await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO \"stored_responses\" ({Columns}) SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6 "
            + "WHERE NOT EXISTS (SELECT 1 FROM \"stored_responses\" WHERE \"id\" = @p0)";
        for (int i = 0; i < Types.Length; i++)
        {
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.DbType) = ($"@p{i}", Types[i]);
            command.Parameters.Add(parameter);
        }
        foreach (KeptResponse response in responses)
        {
            command.SetParameters(
            [
                response.Id, response.KeyId, StoredText.Of(response.Model, 256), (object?)response.ProviderId ?? DBNull.Value,
                response.CreatedAt.ToUnixTimeMilliseconds(), response.ExpiresAt.ToUnixTimeMilliseconds(), (object?)response.Body ?? DBNull.Value,
            ]);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }

    public static async Task<KeptResponse?> FindAsync(DbConnection connection, string id, CancellationToken cancellation)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM \"stored_responses\" WHERE \"id\" = @p0";
        command.AddParameters([id]);
        await using DbDataReader row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation))
        {
            return null;
        }
        return new KeptResponse(
            row.GetString(0),
            row.GetString(1),
            row.GetString(2),
            await row.IsDBNullAsync(3, cancellation) ? null : row.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            await row.IsDBNullAsync(6, cancellation) ? null : row.GetFieldValue<byte[]>(6));
    }

    /// <summary>Takes the mark off an answer that a provider keeps; false when there was none.</summary>
    public static async Task<bool> ClaimUsageAsync(DbConnection connection, string id, CancellationToken cancellation)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE \"stored_responses\" SET \"body\" = NULL WHERE \"id\" = @p0 AND \"provider_id\" IS NOT NULL AND \"body\" IS NOT NULL";
        command.AddParameters([id]);
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    public static async Task<bool> DeleteAsync(DbConnection connection, string id, CancellationToken cancellation)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "DELETE FROM \"stored_responses\" WHERE \"id\" = @p0";
        command.AddParameters([id]);
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    public static async Task DeleteExpiredAsync(DbConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "DELETE FROM \"stored_responses\" WHERE \"expires_at\" <= @p0";
        command.AddParameters([now.ToUnixTimeMilliseconds()]);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
