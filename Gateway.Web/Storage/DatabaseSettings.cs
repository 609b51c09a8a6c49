using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Gateway.Web.Storage;

internal enum DatabaseProvider
{
    Sqlite,
    Postgres,
    SqlServer,
}

/// <summary>Which database, and how to reach it. The connection string may hold a password: never log it.</summary>
internal sealed record DatabaseSettings(DatabaseProvider Provider, string ConnectionString)
{
    /// <summary>The SQLite file within the data directory when nothing else is configured.</summary>
    public const string DefaultFile = "gateway.db";

    /// <summary>Reads <c>Database:Provider</c>, <c>ConnectionStrings:Gateway</c> and <c>Database:Url</c>.</summary>
    /// <param name="get">The value of a setting; null when it is not set.</param>
    /// <param name="dataDirectory">Where the SQLite file goes by default, and what a relative file name is relative to.</param>
    /// <param name="error">What is wrong, naming the setting, when this returns false.</param>
    public static bool TryRead(
        Func<string, string?> get, string dataDirectory, [NotNullWhen(true)] out DatabaseSettings? settings, [NotNullWhen(false)] out string? error)
    {
        string? provider = get("Database:Provider");
        string? connection = get("ConnectionStrings:Gateway");
        string? url = get("Database:Url");
        settings = null;
        if (string.IsNullOrEmpty(connection) && !string.IsNullOrEmpty(url))
        {
            if (!DatabaseUrl.TryParse(url, out settings, out error))
            {
                return false;
            }
        }
        else if (!TryParseProvider(provider, out DatabaseProvider parsed))
        {
            error = $"Database:Provider is \"{provider}\"; it must be sqlite, postgres or sqlserver.";
            return false;
        }
        else if (string.IsNullOrEmpty(connection) && parsed != DatabaseProvider.Sqlite)
        {
            error = "ConnectionStrings:Gateway (or DATABASE_URL) is needed for this Database:Provider.";
            return false;
        }
        else
        {
            settings = new DatabaseSettings(parsed, connection ?? "");
        }
        (string most, string least) = settings.Provider == DatabaseProvider.Postgres ? ("Maximum", "Minimum") : ("Max", "Min");
        settings = settings.Provider switch
        {
            DatabaseProvider.Sqlite => settings with { ConnectionString = SqliteFile.Resolve(settings.ConnectionString, dataDirectory) },
            _ => settings with { ConnectionString = settings.ConnectionString + PoolSize(most, get("Database:MaxPoolSize")) + PoolSize(least, get("Database:MinPoolSize")) },
        };
        error = Check(settings);
        return error is null;
    }

    private static string PoolSize(string bound, string? value) => int.TryParse(value, out int size) ? $";{bound} Pool Size={size}" : "";

    // Here, or whoever opens a connection finds it out over and over, and takes the database for unreachable.
    private static string? Check(DatabaseSettings settings)
    {
        try
        {
            (int least, int most) = settings.Provider switch
            {
                DatabaseProvider.Postgres => PostgresPool(settings.ConnectionString),
                DatabaseProvider.SqlServer => SqlServerPool(settings.ConnectionString),
                _ => (0, 0),
            };
            return least <= most ? null : $"Database:MinPoolSize ({least}) is larger than Database:MaxPoolSize ({most}).";
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // What it says of the text may be a piece of the password.
            return "ConnectionStrings:Gateway holds a key that is not known, or a value that does not fit. A value with a semicolon in it must stand between quotes.";
        }
    }

    // Apart and never inlined, so that a client's assembly is loaded by who uses its database only.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (int Least, int Most) PostgresPool(string connection)
    {
        var text = new NpgsqlConnectionStringBuilder(connection);
        return (text.MinPoolSize, text.MaxPoolSize);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (int Least, int Most) SqlServerPool(string connection)
    {
        var text = new SqlConnectionStringBuilder(connection);
        return (text.MinPoolSize, text.MaxPoolSize);
    }

    /// <summary>Leaves out the connection string.</summary>
    public override string ToString() => Provider.ToString();

    private static bool TryParseProvider(string? name, out DatabaseProvider provider)
    {
        (bool known, provider) = name?.ToLowerInvariant() switch
        {
            null or "" or "sqlite" => (true, DatabaseProvider.Sqlite),
            "postgres" or "postgresql" or "npgsql" => (true, DatabaseProvider.Postgres),
            "sqlserver" or "mssql" => (true, DatabaseProvider.SqlServer),
            _ => (false, default),
        };
        return known;
    }
}
