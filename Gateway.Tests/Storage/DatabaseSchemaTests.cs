using System.Data.Common;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public class DatabaseSchemaTests
{
    public static TheoryData<string> Databases => ["Sqlite", "Postgres"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsCurrent_FollowsTheMigrations(string provider)
    {
        await using TestDatabase database = await EmptyAsync(provider);
        (await SchemaVersion.IsCurrentAsync(database.Plain, Cancel)).ShouldBeFalse();
        await database.Migrator.UpAsync(Cancel);
        (await SchemaVersion.IsCurrentAsync(database.Plain, Cancel)).ShouldBeTrue();
        await database.Migrator.DownAsync(Cancel);
        (await SchemaVersion.IsCurrentAsync(database.Plain, Cancel)).ShouldBeFalse();
        await database.Migrator.UpAsync(Cancel);
        await using (GatewayDbContext context = await database.Contexts.CreateDbContextAsync(Cancel))
        {
            await context.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_OfALaterVersion', '99')", Cancel);
        }
        (await SchemaVersion.IsCurrentAsync(database.Plain, Cancel)).ShouldBeTrue("a later version's node was here first");
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Ensure_WithoutEntityFramework_MigratesInAProcessOfItsOwn(string provider)
    {
        await using TestDatabase database = await EmptyAsync(provider);
        var ready = new DatabaseReady();
        await new DatabaseSchema(database.Plain, new MigrateProcess(database.Settings), ready, TimeProvider.System).EnsureAsync(Cancel);
        ready.IsReady.ShouldBeTrue();
        (await SchemaVersion.IsCurrentAsync(database.Plain, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task Migrate_ThatFails_TellsWhatTheSubCommandSaid()
    {
        await using TestDatabase database = TestDatabase.EmptySqlite();
        string file = SqliteFile.Name(database.Settings.ConnectionString)!;
        await File.WriteAllTextAsync(file, new string('x', 8192), Cancel);

        SchemaException refused = await Should.ThrowAsync<SchemaException>(() => new MigrateProcess(database.Settings).UpAsync(Cancel));

        refused.Message.ShouldContain("file is not a database");
    }

    [Fact]
    public async Task Ensure_MigrationFailed_WaitsBeforeTheNextButNoticesAnothersAtOnce()
    {
        await using TestDatabase database = TestDatabase.EmptySqlite();
        var failing = new FailingMigration();
        var schema = new DatabaseSchema(database.Plain, failing, new DatabaseReady(), TimeProvider.System);
        await Should.ThrowAsync<SchemaException>(() => schema.EnsureAsync(Cancel));
        DbException waiting = await Should.ThrowAsync<SchemaException>(() => schema.EnsureAsync(Cancel));
        waiting.Message.ShouldContain("migrate up");
        failing.Attempts.ShouldBe(1);

        await database.Migrator.UpAsync(Cancel);

        await schema.EnsureAsync(Cancel);
        failing.Attempts.ShouldBe(1);
    }

    private static async Task<TestDatabase> EmptyAsync(string provider) =>
        provider == "Postgres" ? await TestDatabase.EmptyPostgresAsync() : TestDatabase.EmptySqlite();

    private sealed class FailingMigration : ISchemaMigration
    {
        public int Attempts { get; private set; }

        public Task UpAsync(CancellationToken cancellationToken)
        {
            Attempts++;
            throw new SchemaException("no");
        }
    }
}
