using System.Data.Common;

namespace Gateway.Web.Storage;

/// <summary>
/// Lets one process at a time migrate a PostgreSQL database. EF Core's own lock is a table's, and ends with each migration's
/// transaction: between two of them another process that read the history too early would apply the second again.
/// </summary>
internal sealed class PostgresMigrationLock : IAsyncDisposable
{
    // Any number will do that nobody else uses in this database.
    private const long Key = 7_316_927_411;

    // A waiting process waits for as long as the other migrates.
    private const int WaitSeconds = 600;

    private readonly DbConnection? _connection;

    private PostgresMigrationLock(DbConnection? connection) => _connection = connection;

    /// <summary>Waits its turn. A database that does not exist yet cannot be locked; EF Core creates it.</summary>
    /// <exception cref="DbException">The server cannot be reached.</exception>
    public static async Task<PostgresMigrationLock> AcquireAsync(GatewayDatabase database, CancellationToken cancellationToken)
    {
        DbConnection connection;
        try
        {
            connection = await database.OpenAsync(cancellationToken);
        }
        catch (DbException e) when (e.SqlState == "3D000")
        {
            return new PostgresMigrationLock(null);
        }
        try
        {
            await RunAsync(connection, "SELECT pg_advisory_lock", cancellationToken);
            return new PostgresMigrationLock(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await using DbConnection connection = _connection;
            await RunAsync(connection, "SELECT pg_advisory_unlock", CancellationToken.None);
        }
    }

    private static async Task RunAsync(DbConnection connection, string function, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"{function}({Key})";
        command.CommandTimeout = WaitSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
