using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Components;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage.Usage;

public class UsageQueriesTests
{
    public static TheoryData<string> Databases => ["Sqlite", "Postgres"];

    private static IReadOnlyList<RequestTerm> Terms(string text)
    {
        IReadOnlyList<RequestTerm> terms = RequestTerms.Read(RequestText.Parse(text), new CatalogDefinition(), out IReadOnlyList<string> problems);
        problems.ShouldBeEmpty();
        return terms;
    }

    private static DateTimeOffset At(int minutes) => UsageFixture.Noon.AddMinutes(minutes);

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Read_AnyWindowAndDimension_IsWhatTheCallsAddUpTo(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        // Five days, one call every three minutes or so; the last tenth is still in the journal.
        List<UsageRecord> records = [.. Enumerable.Range(0, 2_400).Select(i => UsageFixture.Record(i, At(i * 3).AddSeconds(i % 60)))];
        await fixture.AppendAsync(records.Take(2_160));
        await fixture.DrainAllAsync();
        await fixture.AppendAsync(records.Skip(2_160));
        var random = new Random(1);
        for (int i = 0; i < 40; i++)
        {
            DateTimeOffset from = At(random.Next(-100, 7_000));
            DateTimeOffset to = from.AddMinutes(random.Next(1, 7_000));
            var query = new UsageQuery
            {
                From = from,
                To = to,
                Terms = Terms((i % 3 == 0 ? "key:key-1 " : "") + (i % 4 == 0 ? "-model:gpt-4o" : "")),
                GroupBy = UsageGrouping.Model,
                Interval = i % 2 == 0 ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1),
            };
            List<UsageRecord> expected = [.. records.Where(r => r.StartedAt >= from && r.StartedAt < to
                && (i % 3 != 0 || r.KeyId == "key-1") && (i % 4 != 0 || r.Model != "gpt-4o"))];

            UsageReport report = await fixture.Usage.ReadAsync(query, UsageFixture.Cancel);

            report.Total.ShouldBeEquivalentTo(UsageFixture.SumsOf(expected));
            report.Groups.Sum(g => g.Sums.Requests).ShouldBe(report.Total.Requests);
            report.Series.Sum(p => p.Sums.Requests).ShouldBe(report.Total.Requests);
            report.Series.Select(p => p.Start).ShouldBeInOrder();
            UsagePoint busiest = report.Series.MaxBy(p => p.Sums.Requests)!;
            DateTimeOffset end = busiest.Start + query.Interval.Value;
            busiest.Sums.Requests.ShouldBe(expected.Count(r => r.Admitted && r.StartedAt >= busiest.Start && r.StartedAt < end));
        }
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Read_ToTheMoment_LeavesOutWhatCameBeforeInTheSameMinute(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        List<UsageRecord> records = [.. Enumerable.Range(0, 400).Select(i => UsageFixture.Record(i, At(0).AddSeconds(i)))];
        await fixture.AppendAsync(records.Take(300));
        await fixture.DrainAllAsync();
        await fixture.AppendAsync(records.Skip(300));

        foreach ((int from, int to) in new[] { (30, 90), (10, 40), (59, 241), (60, 120), (350, 410) })
        {
            var query = new UsageQuery { From = At(0).AddSeconds(from), To = At(0).AddSeconds(to), ToTheMoment = true, Terms = Terms("key:key-1") };
            // The end is that of its minute.
            DateTimeOffset end = At((to + 59) / 60);

            UsageReport report = await fixture.Usage.ReadAsync(query, UsageFixture.Cancel);

            report.Total.ShouldBeEquivalentTo(UsageFixture.SumsOf([.. records.Where(r => r.KeyId == "key-1" && r.StartedAt >= query.From && r.StartedAt < end)]));
        }
    }

    // It is counted window by window back in time, and would be in each of them.
    [Fact]
    public async Task Read_ByRequestId_CountsTheCallOnce()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        List<UsageRecord> records = [.. Enumerable.Range(0, 20).Select(i => UsageFixture.Record(i, At(i)))];
        await fixture.AppendAsync(records);
        await fixture.DrainAllAsync();
        var query = new UsageQuery { From = At(-100_000), To = At(100), Terms = Terms("id:" + records[7].RequestId) };

        (await fixture.Usage.ReadAsync(query, UsageFixture.Cancel)).Total.ShouldBeEquivalentTo(UsageFixture.SumsOf([records[7]]));
        (await fixture.Usage.ReadAsync(query with { To = At(5) }, UsageFixture.Cancel)).Total.Requests.ShouldBe(0);
    }

    // One reading serves all of them: what they differ in beyond their groupings would be left out without a word.
    [Fact]
    public async Task Read_ReportsOnDifferentCalls_AreRefused()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        var one = new UsageQuery { From = At(0), To = At(60) };

        foreach (UsageQuery other in (UsageQuery[])[one with { From = At(-60) }, one with { To = At(120) }, one with { Terms = Terms("key:key-1") }, one with { Interval = TimeSpan.FromHours(1) }])
        {
            await Should.ThrowAsync<ArgumentException>(() => fixture.Usage.ReadAsync([one, other], UsageFixture.Cancel));
        }
        (await fixture.Usage.ReadAsync([one, one with { GroupBy = UsageGrouping.Model }], UsageFixture.Cancel)).Count.ShouldBe(2);
    }

    // SQLite reads on the thread that asks, and that of a page draws it: nothing would be on screen until all is read.
    [Fact]
    public async Task Read_WhileTheDatabaseIsBusy_DoesNotHoldUpWhoeverAsks()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        var contexts = new BusyContexts(fixture.Database.Contexts);
        var database = new AdministrationDatabase(contexts, fixture.Ready);

        Task usage = new UsageQueries(database).ReadAsync(new UsageQuery { From = At(0), To = At(60) }, UsageFixture.Cancel);
        Task history = new RequestHistory(database).SearchAsync(new RequestQuery(), null, 10, UsageFixture.Cancel);

        usage.IsCompleted.ShouldBeFalse();
        history.IsCompleted.ShouldBeFalse();
        contexts.Free.Set();
        await Task.WhenAll(usage, history);
    }

    [Fact]
    public async Task Read_Percentiles_AreWithinFivePercentOfTheExactOnes()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        List<UsageRecord> records = [.. Enumerable.Range(0, 1_000).Select(i => UsageFixture.Record(i, At(i)))];
        await fixture.AppendAsync(records);
        await fixture.DrainAllAsync();

        UsageSums sums = await fixture.SumAsync();

        long[] exact = [.. records.Where(r => r.Admitted).Select(r => r.DurationUs).Order()];
        foreach (double part in new[] { 0.5, 0.95, 0.99 })
        {
            double expected = exact[(int)Math.Ceiling(part * exact.Length) - 1];
            ((double)sums.Duration.Percentile(part)!.Value).ShouldBe(expected, expected * 0.05);
        }
    }

    [Fact]
    public async Task Read_WhileTheDrainWorks_NeverMissesAndNeverDoubles()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        int appended = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(UsageFixture.Cancel);
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; i < 6_000; i++)
                {
                    await fixture.AppendAsync([UsageFixture.Record((i * 7) + 1)]);
                    Volatile.Write(ref appended, i + 1);
                }
            },
            UsageFixture.Cancel);
        Task draining = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await fixture.Drain.DrainOnceAsync(UsageFixture.Cancel);
                }
            },
            UsageFixture.Cancel);
        int reads = 0;
        while (!writing.IsCompleted || reads < 3)
        {
            int before = Volatile.Read(ref appended);
            long seen = (await fixture.SumAsync()).Requests;
            int after = Volatile.Read(ref appended);
            seen.ShouldBeInRange(before, after + 1);
            reads++;
        }
        await writing;
        await stop.CancelAsync();
        await draining;

        (await fixture.SumAsync()).Requests.ShouldBe(6_000);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task List_PageByPage_IsEveryCallOnceNewestFirst(string database)
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync(Enum.Parse<DatabaseProvider>(database));
        // Many in one millisecond, so that the order rests on the ids.
        List<UsageRecord> records = [.. Enumerable.Range(0, 300).Select(i => UsageFixture.Record(i, At(i / 50)))];
        await fixture.AppendAsync(records.Take(200));
        await fixture.DrainAllAsync();
        await fixture.AppendAsync(records.Skip(200));

        var seen = new List<UsageRecord>();
        Guid? before = null;
        while (await fixture.History.ListAsync(new RequestQuery(), before, 17, UsageFixture.Cancel) is { Count: > 0 } page)
        {
            seen.AddRange(page);
            before = page[^1].Id;
        }

        seen.Count.ShouldBe(records.Count);
        seen.Select(r => r.Id).ShouldBe(
            records.OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id.ToString("N"), StringComparer.Ordinal).Select(r => r.Id));
    }

    [Fact]
    public async Task List_EveryFilter_AgreesForStoredAndJournaledCalls()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        List<UsageRecord> records = [.. Enumerable.Range(0, 120).Select(i => UsageFixture.Record(i, At(i)))];
        await fixture.AppendAsync(records.Take(60));
        await fixture.DrainAllAsync();
        await fixture.AppendAsync(records.Skip(60));
        string[] texts =
        [
            "key:key-1", "-key:key-1", "key:key-1,key-2", "model:gpt-4o", "asked:alias", "provider:openai", "-provider:openai", "provider:none", "provider:\"\"", "provider:*",
            "route:*", "-route:*", "status:5xx", "-status:5xx", "status:200", "-status:200", "status:>=400", "error:*", "-error:*", "error:upstream_server_error",
            "-error:upstream_server_error", "stream:yes", "-stream:yes", "refused:yes", "aborted:no", "req-1", "id:req-1*", "id:req-11", "id:%*", "id:req_1*",
            "latency:>3ms", "-latency:>3ms", "latency:2ms..4ms", "latency:<0.002", "ttft:>550ms", "ttft:>0", "-ttft:>0.0005", "cost:>0.00000105", "-cost:>0.00000105", "input:100",
            "output:>19 cached:>=10", "attempts:>1", "-attempts:>1", "operation:chat.completions", "finish:*", "backend:backend-1 key:key-2 stream:yes",
        ];
        RequestQuery[] queries = [.. texts.Select(t => new RequestQuery { Terms = Terms(t) }), new() { From = At(30), To = At(90) }, new() { From = At(10), Terms = Terms("key:key-2 stream:yes") }];
        foreach (RequestQuery query in queries)
        {
            IReadOnlyList<UsageRecord> page = await fixture.History.ListAsync(query, null, 200, UsageFixture.Cancel);

            page.Select(r => r.RequestId).ShouldBe(records.Where(query.Matches).Reverse().Select(r => r.RequestId), query.ToString());
        }
    }

    [Fact]
    public async Task Find_StoredAndJournaled_ByIdAndByRequestId()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        UsageRecord stored = UsageFixture.Record(1);
        UsageRecord journaled = UsageFixture.Record(2);
        await fixture.AppendAsync([stored]);
        await fixture.DrainAllAsync();
        await fixture.AppendAsync([journaled]);

        foreach (UsageRecord record in new[] { stored, journaled })
        {
            (await fixture.History.FindAsync(record.Id, UsageFixture.Cancel))!.RequestId.ShouldBe(record.RequestId);
            (await fixture.History.FindAsync(record.RequestId, UsageFixture.Cancel))!.Id.ShouldBe(record.Id);
        }
        (await fixture.History.FindAsync(Guid.NewGuid(), UsageFixture.Cancel)).ShouldBeNull();
        (await fixture.History.FindAsync("nowhere", UsageFixture.Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task List_HundredThousandCalls_ReadsAnIndexAndSortsNothing()
    {
        await using UsageFixture fixture = await UsageFixture.OpenAsync();
        await fixture.AppendAsync(Enumerable.Range(0, 100_000).Select(i => UsageFixture.Record(i, UsageFixture.Noon.AddSeconds(i))));
        await fixture.DrainAllAsync();
        await using GatewayDbContext context = await fixture.Database.Contexts.CreateDbContextAsync(UsageFixture.Cancel);
        long place = UsageFixture.Noon.AddSeconds(50_000).ToUnixTimeMilliseconds();
        foreach (RequestQuery query in new RequestQuery[] { new(), new() { Terms = Terms("key:key-1") }, new() { Terms = Terms("model:gpt-4o") }, new() { From = At(10) } })
        {
            string sql = query.Where(context.UsageRecords)
                .Where(r => r.StartedAtMs <= place && (r.StartedAtMs < place || r.Id.CompareTo("z") < 0))
                .OrderByDescending(r => r.StartedAtMs).ThenByDescending(r => r.Id).Take(50).ToQueryString();

            string plan = await ExplainAsync(context, sql);

            plan.ShouldContain("SEARCH", customMessage: plan);
            plan.ShouldContain("INDEX", customMessage: plan);
            plan.ShouldNotContain("SCAN", customMessage: plan);
        }
        IReadOnlyList<UsageRecord> page = await fixture.History.ListAsync(new RequestQuery(), null, 50, UsageFixture.Cancel);
        page[0].RequestId.ShouldBe("req-99999");
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(59, 61)]
    [InlineData(-1, 60 * 24 * 3)]
    [InlineData(60, 60 * 24)]
    [InlineData(17, 60 * 24 * 40)]
    public void RollupPieces_OfAnyWindow_CoverItExactlyOnce(int fromMinute, int toMinute)
    {
        long from = UsageFixture.Noon.AddMinutes(fromMinute).ToUnixTimeMilliseconds();
        long to = UsageFixture.Noon.AddMinutes(toMinute).ToUnixTimeMilliseconds();

        (RollupResolution Resolution, long FromMs, long ToMs)[] pieces = [.. RollupPieces.Of(from, to, null)];

        pieces[0].FromMs.ShouldBe(from);
        pieces[^1].ToMs.ShouldBe(to);
        pieces.Zip(pieces.Skip(1)).ShouldAllBe(p => p.First.ToMs == p.Second.FromMs);
        pieces.ShouldAllBe(p => p.FromMs % RollupBucket.Width(p.Resolution) == 0 && p.ToMs % RollupBucket.Width(p.Resolution) == 0);
        pieces.Length.ShouldBeLessThanOrEqualTo(5);
    }

    // The page's points decide how fine its rollups are: these times the combinations of keys and models is what it reads.
    [Fact]
    public void RollupPieces_OfAnySpanOfAPage_AreFewEnoughToDrawItAtOnce()
    {
        foreach ((string name, _, TimeSpan span) in TimeRange.Presets)
        {
            long from = UsageFixture.Noon.AddMinutes(17).ToUnixTimeMilliseconds();
            long to = from + (long)span.TotalMilliseconds;
            Spans(UsageQuery.IntervalFor(span)).ShouldBeLessThanOrEqualTo(24 * 60, $"the course of {name}");
            Spans(null).ShouldBeLessThanOrEqualTo(90 + (2 * 23) + (2 * 59), $"the sums of {name}");

            long Spans(TimeSpan? interval) => RollupPieces.Of(from, to, (long?)interval?.TotalMilliseconds).Sum(p => (p.ToMs - p.FromMs) / RollupBucket.Width(p.Resolution));
        }
    }

    private static async Task<string> ExplainAsync(GatewayDbContext context, string sql)
    {
        await context.Database.OpenConnectionAsync(UsageFixture.Cancel);
        await using System.Data.Common.DbCommand command = context.Database.GetDbConnection().CreateCommand();
        // EF writes the parameters' values as settings of SQLite's shell before the statement.
        string statement = sql[sql.IndexOf("SELECT", StringComparison.Ordinal)..];
        foreach (string line in sql.Split('\n').Where(l => l.StartsWith(".param set ", StringComparison.Ordinal)))
        {
            string[] parts = line[".param set ".Length..].Split(' ', 2);
            System.Data.Common.DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = parts[0];
            parameter.Value = parts[1].Trim('\'');
            command.Parameters.Add(parameter);
        }
        command.CommandText = "EXPLAIN QUERY PLAN " + statement;
        var plan = new List<string>();
        await using System.Data.Common.DbDataReader row = await command.ExecuteReaderAsync(UsageFixture.Cancel);
        while (await row.ReadAsync(UsageFixture.Cancel))
        {
            plan.Add(row.GetString(3));
        }
        return string.Join('\n', plan);
    }

    /// <summary>Holds up whoever opens the database, on the thread that does; half a minute is for a test that fails.</summary>
    private sealed class BusyContexts(IDbContextFactory<GatewayDbContext> contexts) : IDbContextFactory<GatewayDbContext>
    {
        public ManualResetEventSlim Free { get; } = new();

        public GatewayDbContext CreateDbContext()
        {
            Free.Wait(TimeSpan.FromSeconds(30));
            return contexts.CreateDbContext();
        }
    }
}
