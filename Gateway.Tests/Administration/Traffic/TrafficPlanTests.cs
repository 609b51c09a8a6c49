using System.Data.Common;
using Gateway.Core.Catalog;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Components;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Traffic;

/// <summary>No query of the traffic's pages reads a table from end to end: with ten million calls that is a minute.</summary>
public sealed class TrafficPlanTests
{
    public static TheoryData<string> Databases => ["Sqlite", "Postgres"];

    private static readonly string[] Texts = ["", "key:key-1", "model:gpt-4o", "status:502", "status:5xx", "provider:nobody", "error:*", "latency:>10s", "-model:gpt-4o cost:>1", "id:req-17"];

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task EveryQuery_OfThesePages_ReadsAnIndex(string database)
    {
        DatabaseProvider provider = Enum.Parse<DatabaseProvider>(database);
        await using UsageFixture fixture = await UsageFixture.OpenAsync(provider);
        await fixture.AppendAsync(Enumerable.Range(0, 5_000).Select(i => UsageFixture.Record(i, UsageFixture.Noon.AddSeconds(i * 20))));
        await fixture.DrainAllAsync();
        await using GatewayDbContext context = await fixture.Database.Contexts.CreateDbContextAsync(UsageFixture.Cancel);
        await context.Database.OpenConnectionAsync(UsageFixture.Cancel);
        if (provider == DatabaseProvider.Postgres)
        {
            // In a table as small as this one reading all of it is cheaper; the question is whether there is another way.
            await context.Database.ExecuteSqlRawAsync("ANALYZE; SET enable_seqscan = off", UsageFixture.Cancel);
        }
        DateTimeOffset from = UsageFixture.Noon.AddHours(20);
        foreach (string text in Texts)
        {
            var query = new RequestQuery { From = from, To = from.AddHours(1), Terms = Terms(text) };
            IQueryable<UsageRecordRow> page = query.Where(context.UsageRecords).OrderByDescending(r => r.StartedAtMs).ThenByDescending(r => r.Id).Take(50);
            await ExplainAsync(context, page.CreateDbCommand(), text);
            await ExplainAsync(context, UsageQueries.CallRows(context, query, 1_000).CreateDbCommand(), text);
        }
        foreach (TimeSpan span in TimeRange.Presets.Select(p => p.Length))
        {
            // The overview's sums and its course, and what Explore and the histogram of the requests ask.
            foreach ((TimeSpan? interval, bool latency, string text) in ((TimeSpan?, bool, string)[])[
                (null, true, ""), (UsageQuery.IntervalFor(span), true, ""), (UsageQuery.IntervalFor(span), false, "key:key-1 -model:x")])
            {
                var query = new UsageQuery { From = from, To = from + span, Interval = interval, Latency = latency, Terms = Terms(text) };
                await using DbCommand command = context.Database.GetDbConnection().CreateCommand();
                UsageQueries.RollupCommand(command, query, new UsageReportBuilder(query, new Dictionary<string, string>())).ShouldBeTrue();
                await ExplainAsync(context, command, $"rollups of {span} by {interval}");
            }
        }
    }

    private static IReadOnlyList<RequestTerm> Terms(string text) => RequestTerms.Read(RequestText.Parse(text), new CatalogDefinition(), out _);

    private static async Task ExplainAsync(GatewayDbContext context, DbCommand command, string what)
    {
        bool sqlite = context.Database.IsSqlite();
        command.CommandText = (sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + command.CommandText;
        var plan = new List<string>();
        await using DbDataReader row = await command.ExecuteReaderAsync(UsageFixture.Cancel);
        while (await row.ReadAsync(UsageFixture.Cancel))
        {
            plan.Add(row.GetString(sqlite ? 3 : 0));
        }
        string all = $"{what}:\n{string.Join('\n', plan)}";
        plan.ShouldNotContain(l => l.Contains("Seq Scan", StringComparison.Ordinal) || l.StartsWith("SCAN usage", StringComparison.Ordinal), all);
        plan.ShouldContain(l => l.Contains("index", StringComparison.OrdinalIgnoreCase), all);
        // Sorted by time and nothing else: a long list for a short page (only ties of the same millisecond may be put in order).
        // Calls with one request id are a handful.
        if (!what.StartsWith("id:", StringComparison.Ordinal))
        {
            plan.ShouldNotContain(l => l == "USE TEMP B-TREE FOR ORDER BY", all);
        }
    }
}
