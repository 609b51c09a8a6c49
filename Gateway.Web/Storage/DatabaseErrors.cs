using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage;

/// <summary>Tells a database that is away, or refuses, from a mistake in the program.</summary>
internal static class DatabaseErrors
{
    /// <summary>
    /// True for the exceptions of databases and of EF Core, also inside the InvalidOperationException that the execution
    /// strategies of PostgreSQL and SQL Server wrap around a passing failure.
    /// </summary>
    public static bool IsFromDatabase(Exception exception) =>
        exception is DbException or DbUpdateException or TimeoutException
        || (exception is InvalidOperationException { InnerException: { } inner } && IsFromDatabase(inner));

    /// <summary>What the database itself said.</summary>
    public static string ReasonOf(Exception exception) => exception.GetBaseException().Message;
}
