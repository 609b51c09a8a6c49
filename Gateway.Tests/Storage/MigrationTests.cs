using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public class MigrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Up_EmptySqlite_CreatesTablesInWalMode()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        await CheckReadsAndWritesAsync(database);

        await using GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel);
        string mode = (await context.Database.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").ToListAsync(Cancel)).Single();
        mode.ShouldBe("wal");
    }

    [Fact]
    public async Task Up_EmptyPostgres_CreatesTables()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        await database.Migrator.UpAsync(Cancel);
        await CheckReadsAndWritesAsync(database);
    }

    [Fact]
    public async Task Up_FourAtOnceOnSqlite_AllFinish()
    {
        await using TestDatabase database = TestDatabase.EmptySqlite();
        await CheckConcurrentStartsAsync(database);
    }

    [Fact]
    public async Task Up_FourAtOnceOnPostgres_AllFinish()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        await CheckConcurrentStartsAsync(database);
    }

    [Fact]
    public async Task Up_LockRowLeftByKilledProcess_DoesNotWaitForIt()
    {
        await using TestDatabase database = TestDatabase.EmptySqlite();
        await using (GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(SqliteFile.Name(database.Settings.ConnectionString))!);
            await context.Database.ExecuteSqlRawAsync(
                "CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER PRIMARY KEY, \"Timestamp\" TEXT); INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2020')", Cancel);
        }

        await database.Migrator.UpAsync(Cancel).WaitAsync(Eventually.Limit, Cancel);

        await CheckReadsAndWritesAsync(database);
    }

    [Fact]
    public async Task Down_EveryMigration_TakesItBack()
    {
        await using TestDatabase database = await TestDatabase.SqliteAsync();
        string? taken = null;
        while (await database.Migrator.DownAsync(Cancel) is { } migration)
        {
            taken = migration;
        }
        taken.ShouldNotBeNull().ShouldEndWith("_Initial");
        await database.Migrator.UpAsync(Cancel);
        await CheckReadsAndWritesAsync(database);
    }

    [Fact]
    public void Script_ForSqlServer_ParsesWithoutErrors()
    {
        using var context = new SqlServerDesignTimeFactory().CreateDbContext([]);
        string script = context.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);

        var fragment = new TSql150Parser(initialQuotedIdentifiers: true).Parse(new StringReader(script), out IList<ParseError> errors);

        errors.Select(e => $"{e.Line}:{e.Column} {e.Message}").ShouldBeEmpty();
        ((TSqlScript)fragment).Batches.Count.ShouldBeGreaterThan(1);
        script.ShouldContain("usage_rollups");
    }

    [Fact]
    public void Model_EveryProvider_HasNoChangeWithoutMigration()
    {
        using var sqlite = new SqliteDesignTimeFactory().CreateDbContext([]);
        using var postgres = new PostgresDesignTimeFactory().CreateDbContext([]);
        using var sqlServer = new SqlServerDesignTimeFactory().CreateDbContext([]);
        foreach (GatewayDbContext context in (GatewayDbContext[])[sqlite, postgres, sqlServer])
        {
            SchemaVersion.Latest(DatabaseOf(context)).ShouldBe(context.Database.GetMigrations().Last(), "SchemaVersion names the last migration");
            context.Database.HasPendingModelChanges().ShouldBeFalse($"{context.GetType().Name} needs a new migration");
        }
    }

    private static DatabaseProvider DatabaseOf(GatewayDbContext context) => context switch
    {
        PostgresGatewayDbContext => DatabaseProvider.Postgres,
        SqlServerGatewayDbContext => DatabaseProvider.SqlServer,
        _ => DatabaseProvider.Sqlite,
    };

    private static async Task CheckConcurrentStartsAsync(TestDatabase database)
    {
        var processes = Enumerable.Range(0, 4).Select(_ => database.NewServices()).ToList();
        await Task.WhenAll(processes.Select(p => Task.Run(() => p.GetRequiredService<DatabaseMigrator>().UpAsync(Cancel), Cancel)));
        foreach (ServiceProvider process in processes)
        {
            await process.DisposeAsync();
        }
        await CheckReadsAndWritesAsync(database);
    }

    private static async Task CheckReadsAndWritesAsync(TestDatabase database)
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        await using (GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel))
        {
            (await context.CatalogVersions.SingleAsync(Cancel)).Version.ShouldBe(0);
            context.Prices.Add(new()
            {
                Id = "p",
                Model = "m",
                EffectiveFrom = at,
                InputPerMillion = new(150_000_000),
                CreatedAt = at,
                UpdatedAt = at,
            });
            await context.SaveChangesAsync(Cancel);
        }
        await using (GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel))
        {
            var price = await context.Prices.SingleAsync(p => p.EffectiveFrom >= at, Cancel);
            price.EffectiveFrom.ShouldBe(at);
            price.InputPerMillion.ShouldBe(new(150_000_000));
            price.OutputPerMillion.ShouldBeNull();
        }
    }
}
