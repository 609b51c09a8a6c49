using System.Text.Json;
using Gateway.Core.Chaos;
using Gateway.Tests.Cluster;
using Gateway.Tests.Hosting;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Operations;

/// <summary>What changes by itself, without a request or an administrator, is in the timeline all the same.</summary>
public sealed class WatchedEventsTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budget_CrossingItsMarks_IsTakenDownOnceForEach()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"p","base_url":"{{upstream.Url}}"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"provider":"p"}]}""");
        // 22 tokens of output: $0.55 for each call.
        await admin.PostAsync(V1 + "/prices", """{"model":"m","input_per_million":0,"output_per_million":25000}""");
        JsonElement key = await admin.PostAsync(V1 + "/keys", """{"name":"client"}""");
        string budget = (await admin.PostAsync(V1 + "/budgets", $$"""{"name":"lunch","scope":"key","of":"{{key.GetProperty("api_key").Id()}}","amount_usd":"1","hard":false}""")).Id();
        using OperationWatch watch = Watch(product);
        await Eventually.TrueAsync(() => product.Catalog.Current.Budgets.TryGetValue(budget, out var known) && known.Meter.Seeded.IsCompleted);
        watch.LookAround();

        (await admin.ChatAsync(key.GetProperty("key").GetString()!, "m")).ShouldBe(200);
        await Eventually.TrueAsync(() => SpentOf(product, budget) > 0.5m);
        watch.LookAround();
        watch.LookAround();
        (await admin.ChatAsync(key.GetProperty("key").GetString()!, "m")).ShouldBe(200);
        await Eventually.TrueAsync(() => SpentOf(product, budget) > 1m);
        watch.LookAround();

        // The product's own watch looks, too, and may have seen both at once.
        string[] texts = [];
        await Eventually.TrueAsync(async () => (texts = await TextsAsync(admin, "budget.crossed")).Length >= 2);
        texts.ShouldContain(t => t.Contains("50% of $1 are spent") && t.Contains("lunch"));
        texts.ShouldContain(t => t.Contains("100% of $1 are spent"));
        texts.Count(t => t.Contains("50%")).ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Circuit_OfOneOfTwoBackendsAlike_SaysOfWhichModelItIs()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", """{"name":"p","base_url":"http://localhost:9/v1"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"a","backends":[{"provider":"p","upstream_model":"gpt"}]}""");
        JsonElement model = await admin.PostAsync(V1 + "/models", """{"name":"b","backends":[{"provider":"p","upstream_model":"gpt"}]}""");

        await admin.SendAsync(HttpMethod.Post, V1 + "/health/set-aside", 200, $$"""{"backend":"{{model.GetProperty("backends")[0].Id()}}","seconds":600}""");

        string[] texts = [];
        await Eventually.TrueAsync(async () => (texts = await TextsAsync(admin, "circuit.open")).Length == 1);
        texts[0].ShouldContain("The circuit of p gpt of b opened");
    }

    [Fact]
    public async Task Redis_LostAndBack_IsTakenDown()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using var product = new TestProduct { Settings = { ["Redis:Url"] = redis.Url, ["Redis:Timeout"] = "10s", ["Gateway:Telemetry:LogLevel"] = "critical" } };
        HttpClient admin = await product.StartAsync();
        Gateway.Web.Cluster.Redis.RedisLink link = product.Services.GetRequiredService<Gateway.Web.Cluster.Redis.RedisLink>();
        await Eventually.TrueAsync(() => link.IsUp);
        // What is up from the start is no news; it must have been seen up, though.
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancel);
        (await TextsAsync(admin, "redis")).ShouldBeEmpty();

        await redis.KillAsync();
        await Eventually.TrueAsync(async () => (await TextsAsync(admin, "redis.lost")).Length == 1);
        await redis.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await TextsAsync(admin, "redis.back")).Length == 1);

        (await TextsAsync(admin, "redis")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Database_LostAndBack_IsTakenDownWhenItIsBack()
    {
        await using var product = new TestProduct { Settings = { ["Gateway:Telemetry:LogLevel"] = "critical" } };
        HttpClient admin = await product.StartAsync();
        await Eventually.TrueAsync(async () => (await TextsAsync(admin, "node.start")).Length == 1);
        DateTimeOffset away = TimeProvider.System.GetUtcNow();

        // A database that answers nothing but errors.
        await RunAsync(product, "ALTER TABLE catalog_versions RENAME TO catalog_versions_away");
        OperationWatch watch = product.Services.GetRequiredService<OperationWatch>();
        await Eventually.TrueAsync(() => !watch.DatabaseUp);
        await RunAsync(product, "ALTER TABLE catalog_versions_away RENAME TO catalog_versions");

        await Eventually.TrueAsync(async () => (await TextsAsync(admin, "database")).Length == 2);
        JsonElement[] seen = [.. (await admin.GetAsync(V1 + "/events?kind=database", 200)).EnumerateArray()];
        seen.Select(e => e.GetProperty("kind").GetString()).ShouldBe(["database.back", "database.lost"]);
        seen[1].GetProperty("at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(away.AddMilliseconds(-1));
        seen[1].GetProperty("at").GetDateTimeOffset().ShouldBeLessThan(seen[0].GetProperty("at").GetDateTimeOffset());
    }

    [Fact]
    public async Task Watch_ThatStartsAgainAfterAFailure_DoesNotSayThatTheNodeStarts()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        using OperationWatch watch = Watch(product);
        using var failure = new CancellationTokenSource();
        await watch.StartAsync(failure.Token);
        await failure.CancelAsync();
        await watch.ExecuteTask!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        await watch.StartAsync(Cancel);
        await watch.StopAsync(Cancel);

        // Events are written in their order: what is posted before the stop is there with it.
        await Eventually.TrueAsync(async () => (await TextsAsync(admin, "node.stop")).Length == 1);
        (await TextsAsync(admin, "node.start")).Length.ShouldBe(2, "the product's own, and that of the watch");
    }

    // One of its own, which looks when it is told to.
    private static OperationWatch Watch(TestProduct product) => new(
        product.Catalog, product.Services.GetRequiredService<ChaosSwitch>(), product.Services.GetRequiredService<OperationEvents>(),
        product.Services.GetRequiredService<GatewayDatabase>(), product.Services.GetRequiredService<DatabaseReady>(), TimeProvider.System);

    private static decimal SpentOf(TestProduct product, string budget)
    {
        Gateway.Core.Budgets.Budget known = product.Catalog.Current.Budgets[budget];
        return known.Meter.Read(known, TimeProvider.System.GetUtcNow()).Spent.ToDollars();
    }

    private static async Task<string[]> TextsAsync(HttpClient admin, string kind) =>
        [.. (await admin.GetAsync($"{V1}/events?kind={kind}", 200)).EnumerateArray().Select(e => e.GetProperty("text").GetString()!)];

    private static async Task RunAsync(TestProduct product, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(product.DataDirectory, "gateway.db")};Default Timeout=30");
        await connection.OpenAsync(Cancel);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
