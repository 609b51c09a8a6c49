using System.Data.Common;
using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Retention;
using Gateway.Web.Storage.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>
/// A clean-up job loads the log table (litellm#21908): old rows go in small steps, whatever their number.
/// <c>GATEWAY_RETENTION_ROWS</c> is how many; 20,000 by default, two million for the long run in bench/README.md.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RetentionIncidentTests
{
    private const long MostBytes = 64L * 1024 * 1024;
    private const int Recent = 300;
    private const long DayMs = 86_400_000;

    public static TheoryData<string> Databases => ["Sqlite", "Postgres"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task OldRows_AreDeletedInSmallSteps_SumsAndNewRowsStay(string provider)
    {
        int rows = int.Parse(Environment.GetEnvironmentVariable("GATEWAY_RETENTION_ROWS") ?? "20000", CultureInfo.InvariantCulture);
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(provider));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        // A call of long ago, in rows and sums; then its row so many times, as if there had been that many.
        await fixture.AppendAsync([UsageFixture.Record(1, now.AddDays(-100))]);
        await fixture.AppendAsync(Enumerable.Range(0, Recent).Select(i => UsageFixture.Record(i, now.AddDays(-1))));
        await fixture.DrainAllAsync();
        await MultiplyAsync(fixture, rows, now.AddDays(-100));
        UsageSums before = await fixture.SumAsync(new() { From = now.AddDays(-120), To = now });
        (await fixture.CountRowsAsync()).ShouldBe(Recent + 1L + rows);
        var job = new RetentionJob(fixture.Database.Plain, fixture.Ready, new RetentionSettings(UsageDays: 30, AuditDays: 365, EventsDays: 7), TimeProvider.System, NullLogger<RetentionJob>.Instance);

        GC.Collect();
        long start = Environment.WorkingSet;
        long most = start;
        var steps = new List<int>();
        for (int deleted; (deleted = await job.DeleteOnceAsync(Cancel)) > 0;)
        {
            steps.Add(deleted);
            most = Math.Max(most, Environment.WorkingSet);
            if (steps.Count == 2)
            {
                // The journal is not held up meanwhile.
                await fixture.AppendAsync([UsageFixture.Record(Recent, now)]);
                await fixture.DrainAllAsync();
            }
        }

        steps.ShouldAllBe(s => s <= RetentionJob.Batch);
        steps.Sum().ShouldBe(rows + 1 + 2 + 2, "old calls, audit entries and events");
        (await fixture.CountRowsAsync()).ShouldBe(Recent + 1);
        (await CountAsync(fixture, "audit"), await CountAsync(fixture, "operation_events")).ShouldBe((1, 1));
        (await fixture.SumAsync(new() { From = now.AddDays(-120), To = now.AddDays(-0.5) })).ShouldBeEquivalentTo(before);
        (most - start).ShouldBeLessThan(MostBytes);
        TestContext.Current.TestOutputHelper!.WriteLine($"{provider}: {rows} rows in {steps.Count} steps, memory {start >> 20} MB before, {most >> 20} MB at most.");
    }

    [Fact]
    public async Task NothingIsToBeDeleted_NothingIs()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await fixture.AppendAsync([UsageFixture.Record(1, TimeProvider.System.GetUtcNow().AddDays(-3000))]);
        await fixture.DrainAllAsync();
        var job = new RetentionJob(fixture.Database.Plain, fixture.Ready, new RetentionSettings(0, 0, 0), TimeProvider.System, NullLogger<RetentionJob>.Instance);

        (await job.DeleteOnceAsync(Cancel)).ShouldBe(0);

        (await fixture.CountRowsAsync()).ShouldBe(1);
    }

    /// <summary>Makes copies of the oldest call, and entries of the audit log and of events, two old and one new.</summary>
    private static async Task MultiplyAsync(UsageFixture fixture, int rows, DateTimeOffset from)
    {
        bool sqlite = fixture.Database.Settings.Provider == DatabaseProvider.Sqlite;
        string numbers = sqlite ? $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})" : $"WITH n AS (SELECT generate_series(1, {rows}) AS i)";
        string id = sqlite ? "printf('%032d', i)" : "lpad(i::text, 32, '0')";
        string columns = string.Join(", ", UsageColumn.All.Select(c => $"\"{c.Name}\""));
        string copied = string.Join(", ", UsageColumn.All.Select(c => c.Name switch { "id" => id, "started_at_ms" => $"started_at_ms + i % {60 * DayMs}", _ => $"\"{c.Name}\"" }));
        await ExecuteAsync(fixture, $"{(sqlite ? "" : numbers)} INSERT INTO usage_records ({columns}) {(sqlite ? numbers : "")} SELECT {copied} FROM (SELECT * FROM usage_records ORDER BY started_at_ms LIMIT 1) AS oldest, n");
        long old = from.ToUnixTimeMilliseconds() - (300 * DayMs);
        long young = from.ToUnixTimeMilliseconds() + (99 * DayMs);
        foreach ((string name, long at) in ((string, long)[])[("a", old), ("b", old), ("c", young)])
        {
            await ExecuteAsync(fixture, $"INSERT INTO audit (id, at, actor, action, entity_id, entity_name) VALUES ('{name}', {at}, 'x', 'x', 'x', 'x')");
            await ExecuteAsync(fixture, $"INSERT INTO operation_events (id, at, node, kind, subject_id, subject_name, detail_json) VALUES ('{name}', {at}, 'x', 'x', 'x', 'x', '{{}}')");
        }
    }

    private static async Task<long> CountAsync(UsageFixture fixture, string table)
    {
        await using DbConnection connection = await fixture.Database.Plain.OpenAsync(Cancel);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task ExecuteAsync(UsageFixture fixture, string sql)
    {
        await using DbConnection connection = await fixture.Database.Plain.OpenAsync(Cancel);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
