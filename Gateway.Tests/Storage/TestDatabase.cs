using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace Gateway.Tests.Storage;

/// <summary>An empty database of its own for one test, removed afterwards.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string? _directory;
    private readonly ServiceProvider _services;

    private TestDatabase(DatabaseSettings settings, string? directory)
    {
        Settings = settings;
        _directory = directory;
        _services = NewServices(settings);
    }

    public DatabaseSettings Settings { get; }
    public IDbContextFactory<GatewayDbContext> Contexts => _services.GetRequiredService<IDbContextFactory<GatewayDbContext>>();
    public GatewayDatabase Plain => _services.GetRequiredService<GatewayDatabase>();
    public DatabaseMigrator Migrator => _services.GetRequiredService<DatabaseMigrator>();

    /// <summary>A SQLite file, not migrated.</summary>
    public static TestDatabase EmptySqlite()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-db-").FullName;
        return new TestDatabase(new DatabaseSettings(DatabaseProvider.Sqlite, SqliteFile.Resolve("", directory)), directory);
    }

    /// <summary>A migrated SQLite file.</summary>
    public static async Task<TestDatabase> SqliteAsync()
    {
        TestDatabase database = EmptySqlite();
        await database.Migrator.UpAsync(TestContext.Current.CancellationToken);
        return database;
    }

    /// <summary>A new database on the server named by GATEWAY_TEST_POSTGRES (a connection string); skips the test without it.</summary>
    public static async Task<TestDatabase> EmptyPostgresAsync()
    {
        string? server = Environment.GetEnvironmentVariable("GATEWAY_TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "GATEWAY_TEST_POSTGRES is not set: no PostgreSQL server to test on.");
        var builder = new NpgsqlConnectionStringBuilder(server);
        string name = "gateway_test_" + Guid.NewGuid().ToString("N");
        await using (var connection = new NpgsqlConnection(builder.ConnectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using NpgsqlCommand create = connection.CreateCommand();
            create.CommandText = $"CREATE DATABASE {name}";
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        builder.Database = name;
        return new TestDatabase(new DatabaseSettings(DatabaseProvider.Postgres, builder.ConnectionString), null);
    }

    /// <summary>Takes a PostgreSQL database away, connections that are open included, or brings it back.</summary>
    public async Task AllowConnectionsAsync(bool allow)
    {
        await using var connection = new NpgsqlConnection(Environment.GetEnvironmentVariable("GATEWAY_TEST_POSTGRES"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        string name = new NpgsqlConnectionStringBuilder(Settings.ConnectionString).Database!;
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = $"ALTER DATABASE {name} ALLOW_CONNECTIONS {allow}"
            + (allow ? "" : $"; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Services as a second process would have them.</summary>
    public ServiceProvider NewServices() => NewServices(Settings);

    public async ValueTask DisposeAsync()
    {
        if (Settings.Provider == DatabaseProvider.Postgres)
        {
            await using GatewayDbContext context = await Contexts.CreateDbContextAsync();
            await context.Database.EnsureDeletedAsync();
        }
        await _services.DisposeAsync();
        if (_directory is not null)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directories.Remove(_directory);
        }
    }

    private static ServiceProvider NewServices(DatabaseSettings settings) => new ServiceCollection()
        .AddSingleton(TimeProvider.System)
        .AddLogging(l => l.SetMinimumLevel(LogLevel.None))
        .AddGatewayDatabase(settings)
        .AddGatewayContexts(settings)
        .BuildServiceProvider();
}
