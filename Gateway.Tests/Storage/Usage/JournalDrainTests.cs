using System.Data.Common;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Tests.Hosting;
using Gateway.Web.Administration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Usage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Usage;

public class JournalDrainTests
{
    public static TheoryData<string> Databases => ["Sqlite", "Postgres"];

    [Theory]
    [InlineData(20, 0, 0.1, 20)]
    [InlineData(20, 0, 0.9, 380)]
    [InlineData(3, 17, 0.1, 20)]
    [InlineData(3, 17, 0.9, 57)]
    [InlineData(1, 30, 0.9, 31)]
    [InlineData(5_000, 0, 0.1, 5_000)]
    [InlineData(5_000, 0, 0.9, 10_000)]
    public void RestAfter_LeavesTheProcessorsToThoseWhoNeedThem(int workedMs, int pausedMs, double busy, int restMs) =>
        JournalDrain.RestAfter(TimeSpan.FromMilliseconds(workedMs), TimeSpan.FromMilliseconds(pausedMs), busy).ShouldBe(TimeSpan.FromMilliseconds(restMs));

    [Fact]
    public async Task IsLookedAt_WhileSomebodyListsCallsOrReports()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        var time = new ShiftedTime(UsageFixture.Noon);
        using var drain = new JournalDrain(fixture.Journal, fixture.Database.Plain, fixture.Ready, fixture.Catalog, time, fixture.Log);
        await drain.DrainOnceAsync(UsageFixture.Cancel);
        drain.IsLookedAt().ShouldBeFalse("its own reader looks at nothing");

        await fixture.History.ListAsync(new RequestQuery(), null, 1, UsageFixture.Cancel);
        drain.IsLookedAt().ShouldBeTrue();
        time.Add(TimeSpan.FromSeconds(29));
        drain.IsLookedAt().ShouldBeTrue();
        time.Add(TimeSpan.FromSeconds(2));
        drain.IsLookedAt().ShouldBeFalse();

        await fixture.SumAsync();
        drain.IsLookedAt().ShouldBeTrue();
    }

    [Fact]
    public async Task Write_ManyRows_GivesWayEveryFew()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        int gaveWay = 0;
        var writer = new UsageWriter("n", DatabaseProvider.Sqlite, TimeProvider.System, giveWay: () => gaveWay++);
        await using DbConnection connection = await fixture.Database.Plain.OpenAsync(UsageFixture.Cancel);

        await writer.WriteAsync(
            connection, [.. Enumerable.Range(0, 100).Select(i => UsageFixture.Record(i))], JournalPosition.Start, new JournalPosition(1, 1), UsageFixture.Cancel);

        gaveWay.ShouldBeInRange(5, 20);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task DrainOnce_Records_BecomeRowsAndRollups(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        List<UsageRecord> records = [.. Enumerable.Range(0, 500).Select(i => UsageFixture.Record(i, UsageFixture.Noon.AddSeconds(i * 20)))];
        await fixture.AppendAsync(records);

        await fixture.DrainAllAsync();

        (await fixture.CountRowsAsync()).ShouldBe(500);
        UsageSums sums = await fixture.SumAsync();
        sums.ShouldBeEquivalentTo(UsageFixture.SumsOf(records));
        UsageRecord stored = (await fixture.History.FindAsync(records[4].Id, UsageFixture.Cancel)).ShouldNotBeNull();
        stored.KeyName.ShouldBe("k\uFFFDey");
        stored.KeyName = records[4].KeyName;
        stored.Attempts = [.. stored.Attempts];
        stored.ShouldBeEquivalentTo(WithAttemptArray(records[4]));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task DrainOnce_ProcessDiesBetweenAnySteps_CountsEachRecordOnce(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        var records = new List<UsageRecord>();
        for (int round = 0; round < 12; round++)
        {
            List<UsageRecord> more = [.. Enumerable.Range(records.Count, 100).Select(i => UsageFixture.Record(i, UsageFixture.Noon.AddSeconds(i)))];
            await fixture.AppendAsync(more);
            records.AddRange(more);
            // The transaction is torn by whatever comes after so many statements.
            await using (new FailingStatements(fixture.Database, round))
            {
                try
                {
                    await fixture.Drain.DrainOnceAsync(UsageFixture.Cancel);
                }
                catch (DbException)
                {
                    // As if the process had died here.
                }
            }
            await fixture.RestartAsync();
            (await fixture.SumAsync()).Requests.ShouldBe(records.Count(r => r.Admitted), "what is drained and what is not add up at any time");
        }

        await fixture.DrainAllAsync();

        (await fixture.CountRowsAsync()).ShouldBe(records.Count);
        (await fixture.SumAsync()).ShouldBeEquivalentTo(UsageFixture.SumsOf(records));
    }

    // Passed over in silence and deleted afterwards, lost records were nobody's to find.
    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    public async Task DrainOnce_DamagedSegment_IsKeptAndToldOnce(int offset)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await fixture.AppendAsync(Enumerable.Range(0, 10).Select(i => UsageFixture.Record(i)));
        string path = Directory.GetFiles(fixture.Journal.Directory, "*.journal").Order(StringComparer.Ordinal).First();
        await fixture.RestartAsync();
        byte[] bytes = await File.ReadAllBytesAsync(path, UsageFixture.Cancel);
        bytes.AsSpan(offset, 16).Fill(0xAA);
        await File.WriteAllBytesAsync(path, bytes, UsageFixture.Cancel);
        await fixture.AppendAsync([UsageFixture.Record(10)]);

        await fixture.DrainAllAsync();
        await fixture.AppendAsync([UsageFixture.Record(11)]);
        await fixture.DrainAllAsync();

        (await fixture.CountRowsAsync()).ShouldBeInRange(2, 11);
        string kept = Path.ChangeExtension(path, ".damaged");
        (await File.ReadAllBytesAsync(kept, UsageFixture.Cancel)).ShouldBe(bytes);
        File.Exists(path).ShouldBeFalse();
        fixture.Log.Lines.Count(l => l.Level == LogLevel.Error && l.Text.Contains(kept)).ShouldBe(1);
    }

    // A statement_timeout that a whole batch never meets held the journal up for ever.
    [Fact]
    public async Task DrainOnce_BatchThatTakesTheDatabaseTooLong_BecomesSmaller()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(DatabaseProvider.Postgres);
        await using (DbConnection connection = await fixture.Database.Plain.OpenAsync(UsageFixture.Cancel))
        {
            await using DbCommand slow = connection.CreateCommand();
            slow.CommandText = """
                CREATE FUNCTION too_many() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF (SELECT count(*) FROM added) > 1 THEN RAISE query_canceled; END IF; RETURN NULL;
                END $$;
                CREATE TRIGGER too_many AFTER INSERT ON usage_records REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION too_many();
                """;
            await slow.ExecuteNonQueryAsync(UsageFixture.Cancel);
        }
        await fixture.AppendAsync(Enumerable.Range(0, 20).Select(i => UsageFixture.Record(i)));

        for (int attempt = 0; attempt < 200 && await fixture.CountRowsAsync() < 20; attempt++)
        {
            try
            {
                await fixture.Drain.DrainOnceAsync(UsageFixture.Cancel);
            }
            catch (DbException e)
            {
                e.SqlState.ShouldBe("57014");
            }
        }

        (await fixture.CountRowsAsync()).ShouldBe(20);
        (await fixture.SumAsync()).Requests.ShouldBe(Enumerable.Range(0, 20).Count(i => i % 7 != 0));
    }

    [Fact]
    public async Task DrainOnce_TwoDrainsOfOneJournal_CountEachRecordOnce()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await fixture.AppendAsync(Enumerable.Range(0, 50).Select(i => UsageFixture.Record(i)));
        var second = fixture.NewDrain();
        await fixture.Drain.DrainOnceAsync(UsageFixture.Cancel);
        await second.DrainOnceAsync(UsageFixture.Cancel);
        await fixture.AppendAsync(Enumerable.Range(50, 50).Select(i => UsageFixture.Record(i)));

        // Both have read the same records; the slower one finds the position moved, and starts from there.
        await fixture.Drain.DrainOnceAsync(UsageFixture.Cancel);
        await second.DrainOnceAsync(UsageFixture.Cancel);
        await second.DrainOnceAsync(UsageFixture.Cancel);

        (await fixture.CountRowsAsync()).ShouldBe(100);
        (await fixture.SumAsync()).Requests.ShouldBe(Enumerable.Range(0, 100).Count(i => i % 7 != 0));
    }

    [Fact]
    public async Task DrainOnce_TextTooLongForItsColumn_IsCutAndHoldsUpNothing()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        UsageRecord record = UsageFixture.Record(1);
        record.Model = new string('m', 500);
        record.RequestId = new string('r', 500);
        record.ErrorMessage = new string('e', 499) + "😀";
        await fixture.AppendAsync([record]);

        await fixture.DrainAllAsync();

        UsageRecord stored = (await fixture.History.FindAsync(record.Id, UsageFixture.Cancel)).ShouldNotBeNull();
        stored.Model!.Length.ShouldBe(200);
        stored.RequestId.Length.ShouldBe(200);
        stored.ErrorMessage.ShouldBe(new string('e', 499));
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task DrainOnce_NamesNoDatabaseTakes_HoldUpNothing(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        UsageRecord withNull = UsageFixture.Record(1);
        (withNull.Model, withNull.BackendId) = ("a\0b", "provider/a\0b");
        UsageRecord withPair = UsageFixture.Record(2);
        (withPair.Model, withPair.BackendId) = (new string('m', 199) + "😀", new string('b', 255) + "😀");
        await fixture.AppendAsync([withNull, withPair, UsageFixture.Record(3)]);

        await fixture.DrainAllAsync();

        (await fixture.CountRowsAsync()).ShouldBe(3);
        fixture.Drain.SetAside.ShouldBe(0);
        await using GatewayDbContext context = await fixture.Database.Contexts.CreateDbContextAsync(UsageFixture.Cancel);
        List<string> models = await context.UsageRollups.Select(r => r.Model).Distinct().ToListAsync(UsageFixture.Cancel);
        models.ShouldBe(["a\uFFFDb", new string('m', 199), "gpt-4o-mini"], ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task DrainOnce_RecordsTheDatabaseRefuses_AreSetAsideAlone(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        await using (GatewayDbContext context = await fixture.Database.Contexts.CreateDbContextAsync(UsageFixture.Cancel))
        {
            await context.Database.ExecuteSqlRawAsync(
                "ALTER TABLE usage_records ADD COLUMN extra INTEGER CHECK (request_id <> 'poison')", UsageFixture.Cancel);
        }
        List<UsageRecord> records = [.. Enumerable.Range(0, 700).Select(i => UsageFixture.Record(i))];
        records[123].RequestId = records[124].RequestId = records[699].RequestId = "poison";
        await fixture.AppendAsync(records);

        await fixture.DrainAllAsync();
        await fixture.RestartAsync();
        await fixture.DrainAllAsync();

        (await fixture.CountRowsAsync()).ShouldBe(697);
        (await fixture.SumAsync()).ShouldBeEquivalentTo(UsageFixture.SumsOf(records.Where(r => r.RequestId != "poison")));
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(fixture.Journal.Directory, "refused.jsonl"), UsageFixture.Cancel);
        lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("id").GetString())
            .ShouldBe(new[] { records[123], records[124], records[699] }.Select(r => r.Id.ToString("N")));
        fixture.Log.Lines.Count(l => l.Level == LogLevel.Error && l.Text.Contains("refused.jsonl")).ShouldBe(3);
    }

    [Fact]
    public async Task DrainOnce_NamesThatClientsMakeUp_TakeNoMoreThanTheirRoomInADay()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        List<UsageRecord> records = [.. Enumerable.Range(0, 1_200).Select(i => UsageFixture.Record(i))];
        foreach ((int i, UsageRecord record) in records.Index())
        {
            (record.Model, record.BackendId, record.KeyId) = ($"made-up-{i}", $"provider/made-up-{i}", "key-1");
        }
        await fixture.AppendAsync(records.Take(1_100));
        await fixture.DrainAllAsync();
        // What there is room for is known after a restart, too.
        await fixture.RestartAsync();
        await fixture.AppendAsync(records.Skip(1_100));
        await fixture.DrainAllAsync();

        (await fixture.SumAsync()).ShouldBeEquivalentTo(UsageFixture.SumsOf(records));
        await using GatewayDbContext context = await fixture.Database.Contexts.CreateDbContextAsync(UsageFixture.Cancel);
        List<string> models = await context.UsageRollups.Select(r => r.Model).Distinct().ToListAsync(UsageFixture.Cancel);
        models.Count.ShouldBe(1_001);
        models.ShouldContain("(other)");
        (await context.UsageRecords.Select(r => r.Model).Distinct().CountAsync(UsageFixture.Cancel)).ShouldBe(1_200);
    }

    [Fact]
    public async Task DrainOnce_DrainedSegments_AreDeleted()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await fixture.AppendAsync(Enumerable.Range(0, 2_000).Select(i => UsageFixture.Record(i)));
        long before = fixture.Journal.BytesAfter(default);

        await fixture.DrainAllAsync();

        fixture.Journal.BytesAfter(default).ShouldBeLessThan(before / 4);
    }

    [Fact]
    public async Task Run_DatabaseLockedForAWhile_SaysSoOnceAndCatchesUp()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await using (var other = new SqliteConnection(fixture.Database.Settings.ConnectionString))
        {
            await other.OpenAsync(UsageFixture.Cancel);
            await using SqliteTransaction exclusive = other.BeginTransaction();
            await fixture.AppendAsync(Enumerable.Range(0, 20).Select(i => UsageFixture.Record(i)));
            await fixture.Drain.StartAsync(UsageFixture.Cancel);
            await Eventually.TrueAsync(() => fixture.Drain.StalledSince is not null);
            (await fixture.SumAsync()).Requests.ShouldBe(17, "readers see what the drain cannot write");
            await exclusive.RollbackAsync(UsageFixture.Cancel);
        }
        await Eventually.TrueAsync(() => fixture.Drain.StalledSince is null);
        await Eventually.TrueAsync(() => fixture.CountRowsAsync().GetAwaiter().GetResult() == 20);
        await fixture.Drain.StopAsync(UsageFixture.Cancel);

        fixture.Log.Lines.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Stop_RecordsOfTheLastMoment_AreDrained()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await fixture.Drain.StartAsync(UsageFixture.Cancel);
        await fixture.AppendAsync(Enumerable.Range(0, 5_000).Select(i => UsageFixture.Record(i)));

        await fixture.Drain.StopAsync(UsageFixture.Cancel);

        (await fixture.CountRowsAsync()).ShouldBe(5_000);
    }

    private static UsageRecord WithAttemptArray(UsageRecord record)
    {
        record.Attempts = [.. record.Attempts];
        return record;
    }

    /// <summary>Makes the database itself fail after some statements of the drain: a trigger on the tables in turn.</summary>
    private sealed class FailingStatements : IAsyncDisposable
    {
        private readonly TestDatabase _database;
        private readonly string? _table;

        public FailingStatements(TestDatabase database, int round)
        {
            _database = database;
            _table = (round % 4) switch { 1 => "journal_positions", 2 => "usage_records", 3 => "usage_rollups", _ => null };
            if (_table is not null)
            {
                Run(database.Settings.Provider == DatabaseProvider.Sqlite
                    ? $"CREATE TRIGGER torn_i BEFORE INSERT ON {_table} BEGIN SELECT RAISE(ABORT, 'torn'); END;"
                        + $"CREATE TRIGGER torn_u BEFORE UPDATE ON {_table} BEGIN SELECT RAISE(ABORT, 'torn'); END;"
                    : "CREATE FUNCTION torn() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''torn''; END' LANGUAGE plpgsql;"
                        + $"CREATE TRIGGER torn BEFORE INSERT OR UPDATE ON {_table} FOR EACH ROW EXECUTE FUNCTION torn();");
            }
        }

        public ValueTask DisposeAsync()
        {
            if (_table is not null)
            {
                Run(_database.Settings.Provider == DatabaseProvider.Sqlite
                    ? "DROP TRIGGER torn_i; DROP TRIGGER torn_u;"
                    : $"DROP TRIGGER torn ON {_table}; DROP FUNCTION torn();");
            }
            return ValueTask.CompletedTask;
        }

        private void Run(string sql)
        {
            using GatewayDbContext context = _database.Contexts.CreateDbContext();
            context.Database.ExecuteSqlRaw(sql);
        }
    }
}
