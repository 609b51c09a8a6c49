using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gateway.Tests.Storage.Usage;

/// <summary>A journal beside a database, and the drain between them.</summary>
internal sealed class UsageFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-drain-").FullName;

    private UsageFixture(TestDatabase database)
    {
        Database = database;
        Ready.Set();
        Journal = OpenJournal();
        Drain = NewDrain();
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public TestDatabase Database { get; }
    public DatabaseReady Ready { get; } = new();
    public GatewayCatalog Catalog { get; } = new();
    public Journal Journal { get; private set; }
    public JournalDrain Drain { get; private set; }
    public RecordedLog<JournalDrain> Log { get; } = new();

    public UsageQueries Usage => new(new AdministrationDatabase(Database.Contexts, Ready), Journal);

    public RequestHistory History => new(new AdministrationDatabase(Database.Contexts, Ready), Journal);

    /// <summary>On SQLite, or on PostgreSQL where there is a server (else the test is skipped).</summary>
    public static async Task<UsageFixture> OpenAsync(DatabaseProvider provider = DatabaseProvider.Sqlite)
    {
        TestDatabase database = provider == DatabaseProvider.Postgres ? await TestDatabase.EmptyPostgresAsync() : TestDatabase.EmptySqlite();
        await database.Migrator.UpAsync(Cancel);
        return new UsageFixture(database);
    }

    public JournalDrain NewDrain() => new(Journal, Database.Plain, Ready, Catalog, TimeProvider.System, Log);

    /// <summary>As after a kill: the same directory, another process.</summary>
    public async Task RestartAsync()
    {
        await Journal.DisposeAsync();
        Journal = OpenJournal();
        Drain = NewDrain();
    }

    public async Task AppendAsync(IEnumerable<UsageRecord> records)
    {
        foreach (UsageRecord record in records)
        {
            Assert.True(await Journal.AppendAsync(record));
        }
    }

    public async Task DrainAllAsync()
    {
        while (await Drain.DrainOnceAsync(Cancel) > 0)
        {
        }
    }

    public async Task<long> CountRowsAsync()
    {
        await using GatewayDbContext context = await Database.Contexts.CreateDbContextAsync(Cancel);
        return await context.UsageRecords.LongCountAsync(Cancel);
    }

    public async Task<UsageSums> SumAsync(UsageQuery? query = null) =>
        (await Usage.ReadAsync(query ?? new UsageQuery { From = Noon.AddDays(-40), To = Noon.AddDays(40) }, Cancel)).Total;

    public static UsageRecord Record(int number, DateTimeOffset? at = null) => new()
    {
        Id = Guid.CreateVersion7(at ?? Noon),
        RequestId = $"req-{number}",
        StartedAt = at ?? Noon,
        Operation = Operation.ChatCompletions,
        Path = "/v1/chat/completions",
        KeyId = $"key-{number % 3}",
        KeyName = "k\0ey",
        Model = number % 2 == 0 ? "gpt-4o" : "gpt-4o-mini",
        RequestedModel = "alias",
        Provider = "openai",
        BackendId = "backend-1",
        UpstreamModel = "gpt-4o-mini",
        Status = number % 10 == 0 ? 502 : 200,
        ErrorKind = number % 10 == 0 ? "upstream_server_error" : null,
        Admitted = number % 7 != 0,
        Streamed = number % 4 == 0,
        Usage = new(UsageSource.Reported, 100, 10, 40, 20, 5) { LongCacheWriteTokens = 30 },
        Units = new BilledUnits("second", 1.5m),
        Lost = "top_k",
        Cost = number % 5 == 0 ? null : new NanoUsd(1_000 + number),
        DurationUs = 1_000 + (number * 37 % 100_000),
        TimeToFirstTokenUs = number % 4 == 0 ? 500 + number : null,
        UpstreamUs = 900,
        Metadata = """{"team":"a"}""",
        Attempts = [new AttemptRecord("openai", "backend-1", "gpt-4o-mini", "default", 10, 20, 30, 200, null)],
    };

    public static UsageSums SumsOf(IEnumerable<UsageRecord> records)
    {
        var sums = new UsageSums();
        foreach (UsageRecord record in records)
        {
            sums.Add(record);
        }
        return sums;
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Database.DisposeAsync();
        Directories.Remove(_directory);
    }

    private Journal OpenJournal() =>
        Journal.Open(new JournalOptions { Directory = _directory, SegmentBytes = 64 * 1024 }, TimeProvider.System);

    internal sealed class RecordedLog<T> : ILogger<T>
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add((logLevel, formatter(state, exception)));
            }
        }
    }
}
