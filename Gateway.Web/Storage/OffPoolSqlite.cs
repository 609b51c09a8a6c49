using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Gateway.Web.Storage;

/// <summary>A connection whose commands and transactions wait <see cref="OffPool"/>.</summary>
internal sealed class OffPoolSqliteConnection(string text) : SqliteConnection(text)
{
    public override SqliteCommand CreateCommand() => new OffPoolSqliteCommand { Connection = this, CommandTimeout = DefaultTimeout, Transaction = Transaction };

    protected override async ValueTask<DbTransaction> BeginDbTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken) =>
        await OffPool.RunAsync("SQLite", () => BeginTransaction(isolationLevel), cancellationToken);
}

/// <summary>A command that looks for its first row, which is most of the work, <see cref="OffPool"/>.</summary>
internal sealed class OffPoolSqliteCommand : SqliteCommand
{
    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => OffPool.RunAsync("SQLite", ExecuteNonQuery, cancellationToken);

    public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => OffPool.RunAsync("SQLite", ExecuteScalar, cancellationToken);

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        await OffPool.RunAsync("SQLite", () => ExecuteReader(behavior), cancellationToken);
}
