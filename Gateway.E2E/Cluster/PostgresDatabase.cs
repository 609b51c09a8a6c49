using System.Data.Common;
using System.Diagnostics;
using Xunit;

namespace Gateway.E2E.Cluster;

/// <summary>An empty database of the test's own on the server that GATEWAY_TEST_POSTGRES names, by way of <c>psql</c>; without either the test is skipped.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private const string Program = "/usr/bin/psql";

    private readonly DbConnectionStringBuilder _server;

    private PostgresDatabase(DbConnectionStringBuilder server) => _server = server;

    public string Name { get; } = "gateway_e2e_" + Guid.NewGuid().ToString("N");

    /// <summary>For the gateway.</summary>
    public string ConnectionString
    {
        get
        {
            var own = new DbConnectionStringBuilder { ConnectionString = _server.ConnectionString };
            own["Database"] = Name;
            return own.ConnectionString;
        }
    }

    public static async Task<PostgresDatabase> CreateAsync()
    {
        string? server = Environment.GetEnvironmentVariable("GATEWAY_TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "GATEWAY_TEST_POSTGRES is not set: no PostgreSQL server to test on.");
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (Debian: postgresql-client).");
        var database = new PostgresDatabase(new DbConnectionStringBuilder { ConnectionString = server });
        await database.RunAsync("postgres", $"CREATE DATABASE {database.Name}");
        return database;
    }

    /// <returns>The rows, a line each.</returns>
    public Task<string[]> AskAsync(string sql) => RunAsync(Name, sql);

    public async ValueTask DisposeAsync() => await RunAsync("postgres", $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");

    private async Task<string[]> RunAsync(string database, string sql)
    {
        var start = new ProcessStartInfo(Program, ["-h", Text("Host"), "-p", Text("Port"), "-U", Text("Username"), "-d", database, "-qtA", "-v", "ON_ERROR_STOP=1", "-c", sql])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = Text("Password");
        using Process psql = Process.Start(start)!;
        string[] output = await Task.WhenAll(psql.StandardOutput.ReadToEndAsync(), psql.StandardError.ReadToEndAsync());
        await psql.WaitForExitAsync();
        return psql.ExitCode == 0 ? output[0].Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException(output[1]);
    }

    private string Text(string name) => _server.TryGetValue(name, out object? value) ? (string)value : name == "Port" ? "5432" : "";
}
