using Microsoft.Data.Sqlite;

namespace Gateway.Web.Storage;

/// <summary>The file behind a SQLite connection string.</summary>
internal static class SqliteFile
{
    /// <summary>Completes a connection string (or a bare file name, or nothing) and makes its file name absolute.</summary>
    public static string Resolve(string connectionString, string dataDirectory)
    {
        SqliteNative.Load();
        SqliteConnectionStringBuilder builder = connectionString.Contains('=')
            ? new SqliteConnectionStringBuilder(connectionString)
            : new SqliteConnectionStringBuilder { DataSource = connectionString };
        if (builder.DataSource.Length == 0)
        {
            builder.DataSource = DatabaseSettings.DefaultFile;
        }
        if (builder.DataSource != ":memory:" && builder.Mode != SqliteOpenMode.Memory)
        {
            builder.DataSource = Path.GetFullPath(builder.DataSource, dataDirectory);
        }
        return builder.ConnectionString;
    }

    /// <summary>The file's full name; null for a database in memory.</summary>
    public static string? Name(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString);
        return builder.DataSource == ":memory:" || builder.Mode == SqliteOpenMode.Memory ? null : builder.DataSource;
    }
}
