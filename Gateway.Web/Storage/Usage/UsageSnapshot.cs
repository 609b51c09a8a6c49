using System.Data;
using System.Data.Common;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// One consistent view of all calls: what the database held at one instant, and the records of this node's journal that it
/// did not hold then. No call is missing and none is there twice, however busy the drain is.
/// </summary>
internal sealed class UsageSnapshot : IAsyncDisposable
{
    private readonly JournalReader? _tail;
    private readonly JournalPosition _tailStart;

    private UsageSnapshot(DbConnection connection, DbTransaction transaction, JournalReader? tail)
    {
        Connection = connection;
        Transaction = transaction;
        _tail = tail;
        _tailStart = tail?.Position ?? JournalPosition.Start;
    }

    public DbConnection Connection { get; }
    public DbTransaction Transaction { get; }

    /// <summary>Opens a view over the context's connection; the context must outlive it.</summary>
    /// <param name="journal">Null when this process writes none.</param>
    public static async Task<UsageSnapshot> OpenAsync(GatewayDbContext context, Journal? journal, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken);
        UsageSnapshot snapshot = await OpenAsync(context.Database.GetDbConnection(), journal, cancellationToken);
        await context.Database.UseTransactionAsync(snapshot.Transaction, cancellationToken);
        return snapshot;
    }

    /// <summary>Opens a view over an open connection, which must outlive it.</summary>
    public static async Task<UsageSnapshot> OpenAsync(DbConnection connection, Journal? journal, CancellationToken cancellationToken)
    {
        // First the journal, so that the drain deletes nothing that the database does not hold when it is looked at.
        JournalReader? tail = journal?.OpenReader(JournalPosition.Start);
        try
        {
            // A deferred transaction of SQLite reads beside the writer; the others' repeatable reads do as well.
            DbTransaction transaction = connection is SqliteConnection sqlite
                ? sqlite.BeginTransaction(deferred: true)
                : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            tail?.MoveTo(await UsageWriter.ReadPositionAsync(connection, transaction, journal!.Id.ToString("N"), cancellationToken));
            return new UsageSnapshot(connection, transaction, tail);
        }
        catch
        {
            tail?.Dispose();
            throw;
        }
    }

    /// <summary>The records that are not in the database, oldest first. Each reading begins anew; only one at a time.</summary>
    public IEnumerable<UsageRecord> ReadTail()
    {
        _tail?.MoveTo(_tailStart);
        while (_tail is not null && _tail.TryRead(out UsageRecord? record))
        {
            yield return record;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _tail?.Dispose();
        await Transaction.DisposeAsync();
    }
}
