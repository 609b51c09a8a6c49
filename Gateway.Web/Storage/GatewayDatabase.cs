using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Gateway.Web.Storage;

/// <summary>
/// Opens plain connections to the configured database: all that a node needs that only serves requests, without the memory
/// that EF Core takes. Pools are shared with EF's contexts, which use the same connection string.
/// </summary>
internal sealed class GatewayDatabase(DatabaseSettings settings)
{
    // Far beyond what an answer takes, and short enough to be back soon after the database is.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

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

    /// <summary>Goes on once the database has answered something small, so that nothing large is asked of one that is silent.</summary>
    /// <remarks>
    /// A connection can be dead without a word, as after a firewall has forgotten it or its server has vanished. Who is given one waits
    /// for half a minute, long after the database is back, and longer still if he cancels: Npgsql then asks the server to take the
    /// question back, and waits for that. So this question is left to itself, and of the connections that are open none is used again.
    /// </remarks>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    /// <exception cref="DbException">The database cannot be reached.</exception>
    public async Task EnsureAnswersAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (Provider == DatabaseProvider.Sqlite)
        {
            return;
        }
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task answer = AskAsync(opening.Token);
        try
        {
            await answer.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException) when (!answer.IsCompleted)
        {
            await opening.CancelAsync();
            _ = answer.ContinueWith(static late => late.Exception, TaskScheduler.Default);
            GiveUpConnections();
            throw new TimeoutException("It does not answer.");
        }
    }

    private async Task AskAsync(CancellationToken opening)
    {
        await using DbConnection connection = await OpenAsync(opening);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT 1";
        // Nobody waits for it by then, and it is to give its place in the pool back.
        command.CommandTimeout = (int)Patience.TotalSeconds + 1;
        await command.ExecuteScalarAsync(CancellationToken.None);
    }

    private void GiveUpConnections()
    {
        using DbConnection any = _create(settings.ConnectionString);
        if (Provider == DatabaseProvider.Postgres)
        {
            ClearPostgresPool(any);
        }
        else if (Provider == DatabaseProvider.SqlServer)
        {
            ClearSqlServerPool(any);
        }
    }

    // Apart, as below.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ClearPostgresPool(DbConnection any) => NpgsqlConnection.ClearPool((NpgsqlConnection)any);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ClearSqlServerPool(DbConnection any) => SqlConnection.ClearPool((SqlConnection)any);

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
