using System.Data.Common;
using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Tests.Storage;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>
/// A deadlock drops a whole flush (litellm#34887, #6895, #27989): sixteen nodes write what the same ten keys use, while connections
/// are cut under them. <c>GATEWAY_WRITERS_SECONDS</c> says how long; 10 by default, 60 for the long run.
/// </summary>
public sealed class WritersIncidentTests
{
    private const int Nodes = 16;
    private const int Keys = 10;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SixteenWritersOnTenKeys_ConnectionsCutMeanwhile_SumsAreExact()
    {
        int seconds = int.Parse(Environment.GetEnvironmentVariable("GATEWAY_WRITERS_SECONDS") ?? "10", CultureInfo.InvariantCulture);
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        await database.Migrator.UpAsync(Cancel);
        var ready = new DatabaseReady();
        ready.Set();
        DateTimeOffset start = TimeProvider.System.GetUtcNow();
        Writer[] writers = [.. Enumerable.Range(0, Nodes).Select(i => new Writer(i, database, ready))];
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
            Task<int> cutting = CutConnectionsAsync(database, end.Token);
            await Task.WhenAll(writers.Select(w => Task.Run(() => w.WriteAsync(end.Token), Cancel)));
            int cut = await cutting;
            foreach (Writer writer in writers)
            {
                await writer.FinishAsync();
            }

            int written = writers.Sum(w => w.Records);
            var usage = new UsageQueries(new AdministrationDatabase(database.Contexts, ready), writers[0].Journal);
            for (int key = 0; key < Keys; key++)
            {
                string id = KeyId(key);
                UsageSums sums = (await usage.ReadAsync(new UsageQuery { From = start.AddHours(-1), To = start.AddHours(1), Terms = [RequestTerm.Is(RequestField.Key, id)] }, Cancel)).Total;
                (string Id, long Requests, NanoUsd Cost, long Input) expected = (id, writers.Sum(w => w.RequestsOf(key)), new NanoUsd(writers.Sum(w => w.CostOf(key))), writers.Sum(w => w.RequestsOf(key)) * 100);
                (id, sums.Requests, sums.Cost, sums.InputTokens).ShouldBe(expected);
            }
            (long rows, decimal cost) = await RowsAsync(database);
            (rows, cost).ShouldBe((written, writers.Sum(w => (decimal)w.Cost)));
            cut.ShouldBeGreaterThan(0);
            TestContext.Current.TestOutputHelper!.WriteLine($"{written} records by {Nodes} writers in {seconds} s; {cut} connections cut, {writers.Sum(w => w.Failures)} flushes failed and were made again.");
        }
        finally
        {
            foreach (Writer writer in writers)
            {
                await writer.DisposeAsync();
            }
            NpgsqlConnection.ClearAllPools();
        }
    }

    private static string KeyId(int key) => $"key-{key}";

    private static async Task<(long Rows, decimal Cost)> RowsAsync(TestDatabase database)
    {
        await using DbConnection connection = await database.Plain.OpenAsync(Cancel);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*), sum(cost_nano_usd) FROM usage_records";
        await using DbDataReader row = await command.ExecuteReaderAsync(Cancel);
        await row.ReadAsync(Cancel);
        return (row.GetInt64(0), row.GetDecimal(1));
    }

    /// <summary>Some of the sessions that are in a transaction, several times a second.</summary>
    private static async Task<int> CutConnectionsAsync(TestDatabase database, CancellationToken end)
    {
        string name = new NpgsqlConnectionStringBuilder(database.Settings.ConnectionString).Database!;
        await using var connection = new NpgsqlConnection(Environment.GetEnvironmentVariable("GATEWAY_TEST_POSTGRES"));
        await connection.OpenAsync(Cancel);
        int cut = 0;
        while (!end.IsCancellationRequested)
        {
            await using NpgsqlCommand command = connection.CreateCommand();
            command.CommandText = $"SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = '{name}' AND xact_start IS NOT NULL ORDER BY random() LIMIT 2) AS picked";
            cut += (int)(long)(await command.ExecuteScalarAsync(Cancel))!;
            await Task.Delay(300, Cancel);
        }
        return cut;
    }

    /// <summary>What one node has of it: a journal and its drain.</summary>
    private sealed class Writer : IAsyncDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("gateway-writer-").FullName;
        private readonly long[] _requests = new long[Keys];
        private readonly long[] _costs = new long[Keys];
        private readonly Random _random;
        private readonly JournalDrain _drain;

        public Writer(int number, TestDatabase database, DatabaseReady ready)
        {
            _random = new Random(number);
            Journal = Journal.Open(new JournalOptions { Directory = _directory, SegmentBytes = 256 * 1024 }, TimeProvider.System);
            _drain = new JournalDrain(Journal, database.Plain, ready, new GatewayCatalog(), TimeProvider.System, NullLogger<JournalDrain>.Instance);
        }

        public Journal Journal { get; }
        public int Records { get; private set; }
        public int Failures { get; private set; }
        public long Cost => _costs.Sum();

        public long RequestsOf(int key) => _requests[key];

        public long CostOf(int key) => _costs[key];

        public async Task WriteAsync(CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                for (int i = 0; i < 50; i++)
                {
                    await AppendAsync();
                }
                await DrainAsync();
            }
        }

        public async Task FinishAsync()
        {
            while (await DrainAsync() != 0)
            {
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Journal.DisposeAsync();
            Directories.Remove(_directory);
        }

        private async Task AppendAsync()
        {
            int key = _random.Next(Keys);
            long cost = _random.Next(1, 1_000_000_007);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            (await Journal.AppendAsync(new UsageRecord
            {
                Id = Guid.CreateVersion7(now),
                RequestId = "r",
                StartedAt = now,
                Operation = Operation.ChatCompletions,
                Path = "/v1/chat/completions",
                KeyId = KeyId(key),
                Model = "m",
                Provider = "p",
                Status = 200,
                Admitted = true,
                Usage = new(UsageSource.Reported, 100, 0, 0, 20, 0),
                Cost = new NanoUsd(cost),
            })).ShouldBeTrue();
            Records++;
            _requests[key]++;
            _costs[key] += cost;
        }

        /// <returns>-1 when it failed, as the product tries again after.</returns>
        private async Task<int> DrainAsync()
        {
            try
            {
                return await _drain.DrainOnceAsync(Cancel);
            }
            catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
            {
                Failures++;
                return -1;
            }
        }
    }
}
