using System.Data.Common;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Gateway.Web.Storage;

/// <summary>
/// Opens plain connections to the configured database: all that a node needs that only serves requests, without the memory
/// that EF Core takes. Pools are shared with EF's contexts, which use the same connection string.
/// </summary>
internal sealed class GatewayDatabase(DatabaseSettings settings)
{
    private readonly Func<string, DbConnection> _create = CreatorOf(settings.Provider);

    public DatabaseProvider Provider => settings.Provider;

    /// <summary>The SQLite file's full name; null for other databases and for one in memory.</summary>
    public string? File => Provider == DatabaseProvider.Sqlite ? SqliteFile.Name(settings.ConnectionString) : null;

    /// <exception cref="DbException">The database cannot be reached.</exception>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        DbConnection connection = _create(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (Provider == DatabaseProvider.Sqlite)
            {
                await SqlitePragmas.ApplyAsync(connection, cancellationToken);
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // Each in a function of its own: one that names all three would load all three databases' assemblies.
    private static Func<string, DbConnection> CreatorOf(DatabaseProvider provider)
    {
        if (provider == DatabaseProvider.Postgres)
        {
            return text => new NpgsqlConnection(text);
        }
        if (provider == DatabaseProvider.SqlServer)
        {
            return text => new SqlConnection(text);
        }
        return text => new OffPoolSqliteConnection(text);
    }
}
