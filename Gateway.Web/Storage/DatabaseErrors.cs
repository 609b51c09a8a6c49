using System.Data.Common;

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

    /// <summary>What the database itself said.</summary>
    public static string ReasonOf(Exception exception) => exception.GetBaseException().Message;
}
