using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Gateway.Web.Storage;

/// <summary>
/// Sets up each connection: readers beside one writer (WAL), five seconds of patience with another writer, and a write
/// that survives a killed process (a power cut may take the last ones; the journal still has them).
/// </summary>
internal static class SqlitePragmas
{
    /// <summary>For another writer. Without it the client would try for half a minute, holding up whoever waits behind.</summary>
    public const int PatienceSeconds = 5;

    /// <summary>Of the write-ahead log's file, beside the database's. It is larger only while somebody reads what is older.</summary>
    public const long MostLogBytes = 64 * 1024 * 1024;

    // The file would keep for good the size that it once had.
    private static readonly string Pragmas =
        $"PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = {MostLogBytes}";

    public static void Apply(DbConnection connection)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public static async Task ApplyAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// For work that can wait. It does so for another writer a second, not five, and copies the write-ahead log back a megabyte at a time, not four: that takes a
    /// processor for milliseconds on end.
    /// </summary>
    public static void ForBackgroundWork(DbConnection connection)
    {
        // One waits in SQLite, the other tries again and again in its client.
        ((SqliteConnection)connection).DefaultTimeout = 1;
        using DbCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 1000; PRAGMA wal_autocheckpoint = 250";
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// Has the write-ahead log begin anew when it is too large. It does so by itself at a moment when nobody reads from it, which never comes where reads
    /// overlap: writers, and then readers, are held up for it, a fifth of a second at most.
    /// </summary>
    /// <param name="connection">One that was set up by <see cref="ForBackgroundWork"/>.</param>
    /// <param name="file">The database's.</param>
    public static void BoundLog(DbConnection connection, string file)
    {
        if (new FileInfo(file + "-wal") is not { Exists: true, Length: > MostLogBytes })
        {
            return;
        }
        using DbCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 200; PRAGMA wal_checkpoint(RESTART); PRAGMA busy_timeout = 1000";
        command.ExecuteNonQuery();
    }
}
