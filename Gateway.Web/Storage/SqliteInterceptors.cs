using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Gateway.Web.Storage;

/// <summary>Gives EF's connections to SQLite what <see cref="GatewayDatabase"/> gives its own.</summary>
internal static class SqliteInterceptors
{
    public static IInterceptor[] All { get; } = [new Connections(), new Commands(), new Transactions()];

    private sealed class Connections : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => SqlitePragmas.Apply(connection);

        public override Task ConnectionOpenedAsync(
            DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) =>
            SqlitePragmas.ApplyAsync(connection, cancellationToken);
    }

    // EF sets the rest.
    private sealed class Commands : DbCommandInterceptor
    {
        public override InterceptionResult<DbCommand> CommandCreating(CommandCorrelatedEventData eventData, InterceptionResult<DbCommand> result) =>
            InterceptionResult<DbCommand>.SuppressWithResult(new OffPoolSqliteCommand { Connection = (SqliteConnection)eventData.Connection });
    }

    private sealed class Transactions : DbTransactionInterceptor
    {
        public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) =>
            InterceptionResult<DbTransaction>.SuppressWithResult(
                await OffPool.RunAsync("SQLite", () => connection.BeginTransaction(eventData.IsolationLevel), cancellationToken));
    }
}
