using System.Text.Json;
using Gateway.Tests.Storage;
using Shouldly;
using Xunit;
using static Gateway.Tests.Administration.Configuration.ConfigurationFixture;

namespace Gateway.Tests.Administration.Configuration;

/// <summary>Recorded calls through a draft: one that changes nothing gives just what was recorded, and others what they would have changed.</summary>
public class ReplayTests
{
    private const string Drafts = Api + "/drafts";
    private const int Served = 12;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Unchanged_GivesExactlyWhatWasRecorded(string kind)
    {
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        await TrafficAsync(admin);
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"same"}""");

        JsonElement replay = await ReplayAsync(admin, draft);
        JsonElement usage = await admin.GetAsync(V1 + "/usage", 200);

        replay.GetProperty("draft").GetRawText().ShouldBe(replay.GetProperty("recorded").GetRawText());
        replay.GetProperty("changes").EnumerateObject().ShouldAllBe(c => c.Value.GetInt64() == 0);
        Counts(replay, "refusals").ShouldBe(["requests per minute of the key limited 2 2", "budget \"tiny\" 1 1", "model not found 1 1"], ignoreOrder: true);
        foreach (JsonElement backend in replay.GetProperty("backends").EnumerateArray())
        {
            backend.GetProperty("draft").GetInt64().ShouldBe(backend.GetProperty("recorded").GetInt64());
        }
        JsonElement side = replay.GetProperty("draft");
        side.GetProperty("cost_usd").GetString().ShouldBe(usage.GetProperty("cost_usd").GetString());
        decimal.Parse(side.GetProperty("cost_usd").GetString()!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        (side.GetProperty("requests").GetInt64(), side.GetProperty("served").GetInt64(), side.GetProperty("refused").GetInt64()).ShouldBe((Served + 6, Served + 2, 4));
        replay.GetProperty("rows").GetInt64().ShouldBe(Served + 6);
    }

    [Fact]
    public async Task DearerPrice_CostsMoreAndExhaustsBudgetsSooner()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await TrafficAsync(admin);
        JsonElement replay = await ReplayEditedAsync(admin, y => y.Replace("output_per_million: 100", "output_per_million: 200").Replace("input_per_million: 100", "input_per_million: 200"));

        decimal recorded = Dollars(replay, "recorded");
        Dollars(replay, "draft").ShouldBe(recorded * 2);
        replay.GetProperty("changes").GetProperty("repriced").GetInt64().ShouldBe(Served + 2);
    }

    [Fact]
    public async Task TighterLimit_RefusesWhatTheRealLimiterWould()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await TrafficAsync(admin);
        JsonElement replay = await ReplayEditedAsync(admin, y => y.Replace("rpm_limit: 0\n", "rpm_limit: 5\n"));

        Counts(replay, "refusals").ShouldContain($"requests per minute of the key free 0 {Served - 5}");
        replay.GetProperty("changes").GetProperty("now_refused").GetInt64().ShouldBe(Served - 5);
    }

    [Fact]
    public async Task WiderLimit_ServesWhatWasRefusedAndSaysThatItsUseIsEstimated()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await TrafficAsync(admin);
        JsonElement replay = await ReplayEditedAsync(admin, y => y.Replace("rpm_limit: 1\n", "rpm_limit: 100\n"));

        replay.GetProperty("changes").GetProperty("now_served").GetInt64().ShouldBe(2);
        Counts(replay, "refusals").ShouldContain("requests per minute of the key limited 2 0");
        replay.GetProperty("notes").EnumerateArray().ShouldContain(n => n.GetString()!.Contains("would be served"));
    }

    [Fact]
    public async Task OtherWeights_DistributeCallsAsTheRealPickerDoes()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await TrafficAsync(admin);
        JsonElement replay = await ReplayEditedAsync(admin, y => y.Replace("upstream_model: b\n", "upstream_model: b\n        weight: 3\n"));

        long all = Served + 2;
        Counts(replay, "backends").ShouldBe([$"sim → a {all / 2} {(all + 2) / 4}", $"sim → b {all / 2} {all - ((all + 2) / 4)}"], ignoreOrder: true);
    }

    [Fact]
    public async Task RemovedModel_RefusesAllOfItsCalls()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await TrafficAsync(admin);
        JsonElement replay = await ReplayEditedAsync(admin, y => System.Text.RegularExpressions.Regex.Replace(y, "(?s)\nmodels:.*?\n\n", "\n\n"));
        replay.GetProperty("draft").GetProperty("served").GetInt64().ShouldBe(0);
        Counts(replay, "refusals").ShouldContain($"model not found 1 {Served + 6}");
    }

    [Fact]
    public async Task Hours_OutOfRange_AreRefused()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"same"}""");
        (await admin.PostAsync($"{Drafts}/{draft.Id()}/replay", """{"hours":0}""", 400)).Paths().ShouldBe(["hours"]);
        (await admin.PostAsync($"{Drafts}/{draft.Id()}/replay", "{}", 200)).GetProperty("rows").GetInt64().ShouldBe(0);
    }

    /// <summary>Calls of a key without limits, of one that may call once a minute, of one whose budget is spent by its first call, and of an unknown model.</summary>
    private static async Task TrafficAsync(HttpClient admin)
    {
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated","settings":{"output_tokens":"5"}}""");
        JsonElement model = await admin.PostAsync(V1 + "/models", """{"name":"m"}""");
        await admin.PostAsync($"{V1}/models/{model.Id()}/backends", """{"provider":"sim","upstream_model":"a"}""");
        await admin.PostAsync($"{V1}/models/{model.Id()}/backends", """{"provider":"sim","upstream_model":"b"}""");
        foreach (string upstream in new[] { "a", "b" })
        {
            await admin.PostAsync(V1 + "/prices", $$"""{"model":"{{upstream}}","effective_from":"2020-01-01T00:00:00Z","input_per_million":"100","output_per_million":"100"}""");
        }
        string free = (await admin.PostAsync(V1 + "/keys", """{"name":"free","rpm_limit":0,"tpm_limit":0}""")).GetProperty("key").GetString()!;
        string limited = (await admin.PostAsync(V1 + "/keys", """{"name":"limited","rpm_limit":1,"tpm_limit":0}""")).GetProperty("key").GetString()!;
        string poor = (await admin.PostAsync(V1 + "/keys", """{"name":"poor","rpm_limit":50,"tpm_limit":0}""")).GetProperty("key").GetString()!;
        await admin.PostAsync(V1 + "/budgets", """{"name":"tiny","scope":"key","of":"poor","amount_usd":"0.000001"}""");
        for (int i = 0; i < Served; i++)
        {
            (await admin.ChatAsync(free, "m")).ShouldBe(200);
        }
        (await admin.ChatAsync(limited, "m")).ShouldBe(200);
        (await admin.ChatAsync(limited, "m")).ShouldBe(429);
        (await admin.ChatAsync(limited, "m")).ShouldBe(429);
        (await admin.ChatAsync(poor, "m")).ShouldBe(200);
        (await admin.ChatAsync(poor, "m")).ShouldBe(429);
        (await admin.ChatAsync(free, "unknown")).ShouldBe(404);
    }

    private static async Task<JsonElement> ReplayEditedAsync(HttpClient admin, Func<string, string> edit)
    {
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"edited"}""");
        string before = draft.GetProperty("yaml").GetString()!;
        string yaml = edit(before);
        yaml.ShouldNotBe(before);
        draft = await admin.PutAsync($"{Drafts}/{draft.Id()}", JsonSerializer.Serialize(new { yaml }));
        draft.GetProperty("problems").GetArrayLength().ShouldBe(0, draft.GetRawText());
        return await ReplayAsync(admin, draft);
    }

    private static Task<JsonElement> ReplayAsync(HttpClient admin, JsonElement draft) => admin.PostAsync($"{Drafts}/{draft.Id()}/replay", """{"hours":1}""", 200);

    private static string[] Counts(JsonElement replay, string what) =>
        [.. replay.GetProperty(what).EnumerateArray().Select(c => $"{c.GetProperty("name").GetString()} {c.GetProperty("recorded").GetInt64()} {c.GetProperty("draft").GetInt64()}")];

    private static decimal Dollars(JsonElement replay, string side) =>
        decimal.Parse(replay.GetProperty(side).GetProperty("cost_usd").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
