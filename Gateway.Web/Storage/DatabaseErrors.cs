using System.Data.Common;
using System.Text;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace Gateway.Web.Storage;

/// <summary>Tells a database that is away, or refuses, from a mistake in the program.</summary>
internal static class DatabaseErrors
{
    /// <summary>
    /// True for the exceptions of the databases' clients, for what EF Core and its execution strategies wrap around them, and
    /// for a pool or a start that took too long.
    /// </summary>
    public static bool IsFromDatabase(Exception exception) =>
        exception is DbException or TimeoutException
        // SqlClient says so when its pool has no connection to give.
        || exception is InvalidOperationException { Source: "Microsoft.Data.SqlClient" }
        // Seen by what it wraps, and so without loading EF Core where it is not used.
        || (exception.InnerException is { } inner && IsFromDatabase(inner));

    /// <summary>
    /// True when the database, or its client, does not take the values: a text that is none, a number out of range, a column
    /// that must not be empty, a check. Trying the same again is of no use. A database that is away, locked, full or without a
    /// table refuses nothing for its content.
    /// </summary>
    public static bool IsOfContent(Exception exception, DatabaseProvider provider) =>
        exception is EncoderFallbackException or OverflowException or InvalidCastException
        || (exception is DbException refused && provider switch
        {
            DatabaseProvider.Sqlite => IsOfContentInSqlite(refused),
            DatabaseProvider.SqlServer => IsOfContentInSqlServer(refused),
            _ => refused.SqlState is { } state && (state.StartsWith("22", StringComparison.Ordinal) || state is "23502" or "23514"),
        });

    // Too large, of a wrong type; must not be null, check.
    private static bool IsOfContentInSqlite(DbException exception) =>
        exception is SqliteException { SqliteErrorCode: 18 or 20 } or SqliteException { SqliteExtendedErrorCode: 1299 or 275 };

    // Conversion; must not be null, check; cut off; out of range. In a function of its own, since it loads the client.
    private static bool IsOfContentInSqlServer(DbException exception) =>
        exception is SqlException { Number: 220 or 241 or 245 or 515 or 547 or 2628 or 8114 or 8115 or 8152 };

    /// <summary>What the database itself said, without the lines in which its client adds advice for programmers.</summary>
    public static string ReasonOf(Exception exception) => exception.GetBaseException().Message.Split('\n', 2)[0].TrimEnd('\r');
}
