using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gateway.Web.Cluster.Redis;

/// <summary>Where a Redis server is and how to sign in to it.</summary>
/// <param name="Database">Its number; SELECTed after signing in when it is not 0.</param>
internal sealed record RedisEndpoint(string Host, int Port, bool Tls, string? User, string? Password, int Database)
{
    private const string Expected =
        "Redis:Url (REDIS_URL) must be redis://user:password@host:6379/0, or rediss:// for TLS; user, password, port and database may be left out.";

    /// <param name="error">Never repeats the URL, which may hold a password.</param>
    public static bool TryParse(string url, [NotNullWhen(true)] out RedisEndpoint? endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = null;
        error = Expected;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0
            || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return false;
        }
        string path = uri.AbsolutePath.Trim('/');
        int database = 0;
        if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database))
        {
            return false;
        }
        string[] user = uri.UserInfo.Split(':', 2);
        endpoint = new RedisEndpoint(
            uri.IdnHost,
            uri.Port > 0 ? uri.Port : 6379,
            uri.Scheme == "rediss",
            user[0].Length == 0 ? null : Uri.UnescapeDataString(user[0]),
            user.Length < 2 || user[1].Length == 0 ? null : Uri.UnescapeDataString(user[1]),
            database);
        error = null;
        return true;
    }

    /// <summary>For logs: no user, no password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}/{Database}");
}
