using System.Data.Common;
using Gateway.Web.Storage;
using Xunit;

namespace Gateway.Tests.Storage;

/// <summary>A write-ahead log that grows until the disk is full, since at no moment nobody reads from it.</summary>
public class SqliteLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_WhileReadsOverlap_IsBoundAndGivesItsDiskBack()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        string log = database.Plain.File! + "-wal";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task readers = Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Factory.StartNew(
            () => ReadUntil(database, TimeSpan.FromMilliseconds(30 + (5 * i)), end.Token), Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await using DbConnection writer = await database.Plain.OpenAsync(Cancel);
        SqlitePragmas.ForBackgroundWork(writer);
        while (new FileInfo(log).Length <= SqlitePragmas.MostLogBytes + (8 << 20))
        {
            Write(writer, 4 << 20);
        }

        // A reader may have been held up for longer than a try waits.
        await Eventually.TrueAsync(() =>
        {
            SqlitePragmas.BoundLog(writer, database.Plain.File!);
            Write(writer, 1);
            return new FileInfo(log).Length <= SqlitePragmas.MostLogBytes;
        });

        await end.CancelAsync();
        await readers;
    }

    private static void ReadUntil(TestDatabase database, TimeSpan each, CancellationToken end)
    {
        using DbConnection connection = database.Plain.OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        while (!end.IsCancellationRequested)
        {
            using DbCommand command = connection.CreateCommand();
            command.CommandText = "BEGIN; SELECT COUNT(*) FROM operation_events";
            command.ExecuteScalar();
            end.WaitHandle.WaitOne(each);
            command.CommandText = "COMMIT";
            command.ExecuteNonQuery();
        }
    }

    private static void Write(DbConnection connection, int bytes)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = $"CREATE TABLE IF NOT EXISTS filler (content BLOB); DELETE FROM filler; INSERT INTO filler VALUES (randomblob({bytes}))";
        command.ExecuteNonQuery();
    }
}
