using Microsoft.Data.Sqlite;

namespace Gateway.Web.Storage;

/// <summary>The file behind a SQLite connection string.</summary>
internal static class SqliteFile
{
    /// <summary>Completes a connection string (or a bare file name, or nothing) and makes its file name absolute.</summary>
    public static string Resolve(string connectionString, string dataDirectory)
    {
        if (!connectionString.Contains('='))
        {
            // The usual case, without loading SQLite's assemblies while the process starts.
            string file = connectionString.Length == 0 ? DatabaseSettings.DefaultFile : connectionString;
            return file == ":memory:" ? "Data Source=:memory:" : $"Data Source=\"{Path.GetFullPath(file, dataDirectory)}\"";
        }
        var builder = new SqliteConnectionStringBuilder(connectionString);
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
