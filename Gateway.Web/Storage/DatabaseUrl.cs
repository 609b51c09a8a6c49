using System.Diagnostics.CodeAnalysis;
using System.Web;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Gateway.Web.Storage;

/// <summary>Reads the URL form of a connection: <c>sqlite:path</c>, <c>postgres://…</c>, <c>sqlserver://…</c>.</summary>
internal static class DatabaseUrl
{
    private const string Expected =
        "Database:Url (DATABASE_URL) must be sqlite:<path>, postgres://user:password@host:5432/database or sqlserver://user:password@host:1433/database.";

    /// <param name="error">Never repeats the URL, which may hold a password.</param>
    public static bool TryParse(
        string url, [NotNullWhen(true)] out DatabaseSettings? settings, [NotNullWhen(false)] out string? error)
    {
        settings = null;
        error = null;
        if (url.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase))
        {
            string path = url["sqlite:".Length..];
            // sqlite:///var/lib/x is an absolute path, sqlite://x and sqlite:x are relative ones.
            settings = new DatabaseSettings(DatabaseProvider.Sqlite, path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path);
            return true;
        }
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            error = Expected;
            return false;
        }
        try
        {
            settings = uri.Scheme switch
            {
                "postgres" or "postgresql" => new DatabaseSettings(DatabaseProvider.Postgres, Postgres(uri)),
                "sqlserver" or "mssql" => new DatabaseSettings(DatabaseProvider.SqlServer, SqlServer(uri)),
                _ => null,
            };
            error = settings is null ? Expected : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            error = $"{Expected} A parameter after the question mark is not known or has a value that does not fit.";
        }
        return settings is not null;
    }

    private static string Postgres(Uri uri)
    {
        (string? user, string? password) = UserInfo(uri);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.IsDefaultPort || uri.Port < 0 ? 5432 : uri.Port,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')),
            Username = user,
            Password = password,
        };
        foreach ((string name, string value) in Query(uri))
        {
            // libpq's spellings where they differ from Npgsql's.
            switch (name)
            {
                case "sslmode": builder.SslMode = Enum.Parse<SslMode>(value.Replace("-", ""), ignoreCase: true); break;
                case "connect_timeout": builder["Timeout"] = value; break;
                case "application_name": builder.ApplicationName = value; break;
                default: builder[name] = value; break;
            }
        }
        return builder.ConnectionString;
    }

    private static string SqlServer(Uri uri)
    {
        (string? user, string? password) = UserInfo(uri);
        var builder = new SqlConnectionStringBuilder
        {
            DataSource = uri.Port > 0 ? $"{uri.Host},{uri.Port}" : uri.Host,
            InitialCatalog = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')),
        };
        if (user is not null)
        {
            builder.UserID = user;
            builder.Password = password ?? "";
        }
        foreach ((string name, string value) in Query(uri))
        {
            builder[name] = value;
        }
        return builder.ConnectionString;
    }

    private static (string? User, string? Password) UserInfo(Uri uri)
    {
        string[] parts = uri.UserInfo.Split(':', 2);
        return (parts[0].Length == 0 ? null : Uri.UnescapeDataString(parts[0]), parts.Length < 2 ? null : Uri.UnescapeDataString(parts[1]));
    }

    private static IEnumerable<(string Name, string Value)> Query(Uri uri)
    {
        System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(uri.Query);
        return query.AllKeys.OfType<string>().Select(name => (name, query[name]!));
    }
}
