using System.Data.Common;

namespace Gateway.Web.Storage;

/// <summary>Reads tables without EF Core.</summary>
internal static class TableReader
{
    /// <param name="columns">What <paramref name="read"/> reads, in its order.</param>
    /// <param name="rest">What follows the table's name in the statement, for example <c>ORDER BY "id"</c>.</param>
    public static async Task<List<T>> ReadAsync<T>(
        this DbConnection connection, string table, string[] columns, string rest, Func<RowReader, T> read, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {string.Join(", ", columns.Select(c => $"\"{c}\""))} FROM \"{table}\" {rest}";
        await using DbDataReader data = await command.ExecuteReaderAsync(cancellationToken);
        var row = new RowReader(data);
        var all = new List<T>();
        while (await data.ReadAsync(cancellationToken))
        {
            row.Begin();
            all.Add(read(row));
        }
        return all;
    }
}
