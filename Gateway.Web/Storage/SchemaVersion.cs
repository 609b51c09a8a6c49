using System.Data.Common;

namespace Gateway.Web.Storage;

/// <summary>
/// The last migration of each database: what a node that does not load EF Core compares with the database's own list. A test
/// holds it against the migrations that there are.
/// </summary>
internal static class SchemaVersion
{
    private const string Sqlite = "20261130114921_KeyEndpoints";
    private const string Postgres = "20261130114932_KeyEndpoints";
    private const string SqlServer = "20261130114937_KeyEndpoints";

    public static string Latest(DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.Postgres => Postgres,
        DatabaseProvider.SqlServer => SqlServer,
        _ => Sqlite,
    };

    /// <summary>Whether this build's last migration was applied. A schema that is newer still is current too: a later version's nodes made it.</summary>
    /// <exception cref="DbException">The database cannot be reached.</exception>
    public static async Task<bool> IsCurrentAsync(GatewayDatabase database, CancellationToken cancellationToken)
    {
        if (database.File is { } file && !File.Exists(file))
        {
            return false;
        }
        await using DbConnection connection = await database.OpenAsync(cancellationToken);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = database.Provider switch
        {
            DatabaseProvider.Postgres => "SELECT COUNT(*) WHERE to_regclass('\"__EFMigrationsHistory\"') IS NOT NULL",
            DatabaseProvider.SqlServer => "SELECT COUNT(*) WHERE OBJECT_ID(N'__EFMigrationsHistory') IS NOT NULL",
            _ => "SELECT COUNT(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory'",
        };
        if (!await CountsAsync(command, cancellationToken))
        {
            return false;
        }
        command.CommandText = "SELECT COUNT(*) FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = @p0";
        command.AddParameters([Latest(database.Provider)]);
        return await CountsAsync(command, cancellationToken);
    }

    // The databases count in integers of different size.
    private static async Task<bool> CountsAsync(DbCommand command, CancellationToken cancellationToken) =>
        Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), null) > 0;
}
