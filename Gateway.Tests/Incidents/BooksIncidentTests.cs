using System.Globalization;
using System.Net;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Calls that were written down twice, not at all, or in a window that ended at the wrong hour.</summary>
public sealed class BooksIncidentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // litellm#34896: the zone's offset was dropped, and the budget started anew nine hours late.
    [Theory]
    [InlineData("Asia/Tokyo", "2026-05-04T14:59:50Z", 10)]
    [InlineData("Asia/Tokyo", "2026-05-04T00:00:00Z", 15 * 3600)]
    [InlineData("Europe/Berlin", "2026-03-29T00:00:00Z", 22 * 3600)]
    [InlineData("Europe/Berlin", "2026-03-28T23:00:00Z", 23 * 3600)]
    [InlineData("Europe/Berlin", "2026-10-24T22:00:00Z", 25 * 3600)]
    [InlineData("America/New_York", "2026-03-08T05:00:00Z", 23 * 3600)]
    [InlineData("America/Santiago", "2026-09-06T03:59:00Z", 60)]
    [InlineData("Asia/Kathmandu", "2026-05-04T18:14:00Z", 60)]
    [InlineData("UTC", "2026-12-31T23:59:59Z", 1)]
    public async Task BudgetOfADay_InAnyZone_SaysToTheSecondWhenItStartsAnewAndDoes(string zone, string now, int seconds)
    {
        var time = new ShiftedTime(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url) with
        {
            Prices = [new ModelPrice { Model = "*", EffectiveFrom = DateTimeOffset.UnixEpoch, InputPerMillion = NanoUsd.FromDollars(1000), OutputPerMillion = NanoUsd.FromDollars(1000), Version = "test" }],
            Budgets = [new BudgetDefinition { Id = "b", Name = "spend", Scope = ScopeKind.Gateway, Amount = NanoUsd.FromDollars(0.001m), Period = BudgetPeriod.Day, TimeZone = zone }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, time: time);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        using HttpResponseMessage refused = await gateway.ChatAsync();

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        TimeSpan wait = refused.Headers.RetryAfter!.Delta!.Value;
        wait.ShouldBe(TimeSpan.FromSeconds(seconds));

        time.Add(wait);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    // litellm#6633: the upstream's empty id was the primary key, and only the first row was kept.
    [Fact]
    public async Task HundredStreamsWithoutAnId_AreHundredRows()
    {
        const string NoId = """{"object":"chat.completion.chunk","model":"real-model","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}""";
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(NoId, Answers.Finish.Replace("\"id\":\"c1\",", "", StringComparison.Ordinal), Answers.Usage.Replace("\"c1\"", "\"\"", StringComparison.Ordinal), Answers.Done);
        await using var product = new TestProduct();
        (HttpClient admin, HttpClient client) = await ServeAsync(product, upstream.Url);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => (await CallAsync(client, "/v1/chat/completions", """{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}""")).ShouldBe(200)));

        JsonElement rows = await RowsAsync(admin, 100);
        rows.EnumerateArray().Select(r => r.GetProperty("id").GetString()).Distinct().Count().ShouldBe(100);
        rows.EnumerateArray().ShouldAllBe(r => r.GetProperty("usage").GetProperty("input_tokens").GetInt64() == 5);
    }

    // litellm#15740: one answer was logged twice. #17814: reading an answer again was billed again.
    [Fact]
    public async Task EachRouteOnce_IsOneRowEach()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        (HttpClient admin, HttpClient client) = await ServeAsync(product, upstream.Url);
        string[] paths =
        [
            "/v1/chat/completions", "/v1/completions", "/v1/messages", "/v1/responses", "/v1beta/models/m:generateContent", "/v1/embeddings",
            "/v1/moderations", "/v1/images/generations", "/openai/deployments/m/chat/completions?api-version=2024-10-21",
        ];
        foreach (string path in paths)
        {
            await CallAsync(client, path, """{"model":"m","messages":[{"role":"user","content":"x"}],"prompt":"x","input":"x","max_tokens":5,"contents":[{"parts":[{"text":"x"}]}]}""");
        }

        JsonElement rows = await RowsAsync(admin, paths.Length);
        rows.GetArrayLength().ShouldBe(paths.Length);

        foreach (JsonElement row in rows.EnumerateArray())
        {
            await admin.GetAsync($"/admin/v1/requests/{row.Id()}", 200);
        }
        (await RowsAsync(admin, paths.Length)).GetArrayLength().ShouldBe(paths.Length, "looking at a call is not a call");
    }

    // CVE-2026-25591: % and _ of a list's parameter went into LIKE.
    [Fact]
    public async Task WildcardsInAnyListParameter_MatchNothingAndAtOnce()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        (HttpClient admin, HttpClient client) = await ServeAsync(product, upstream.Url);
        await CallAsync(client, "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}]}""");
        await RowsAsync(admin, 1);
        foreach (string wild in (string[])["%", "_", "%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%_", "%' OR 1=1 --", "[a-z]%", "*"])
        {
            foreach (string query in (string[])["requests?request_id=", "requests?model=", "requests?provider=", "requests?key_id=", "requests?error_kind=", "audit?actor=", "audit?action=", "audit?entity_id=", "models?after=", "keys?after="])
            {
                using HttpResponseMessage answer = await admin.GetAsync($"/admin/v1/{query}{Uri.EscapeDataString(wild)}", Cancel).WaitAsync(Eventually.Limit, Cancel);
                string body = await answer.Content.ReadAsStringAsync(Cancel);
                (body == "[]" || answer.StatusCode == HttpStatusCode.BadRequest).ShouldBeTrue($"{query}{wild}: {body}");
            }
        }
    }

    private static async Task<(HttpClient Admin, HttpClient Client)> ServeAsync(TestProduct product, Uri upstream)
    {
        product.Settings["Gateway:RateLimits:DefaultRpm"] = "0";
        product.Settings["Gateway:RateLimits:DefaultTpm"] = "0";
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync("/admin/v1/providers", $$"""{"name":"p","base_url":"{{upstream}}"}""");
        await admin.PostAsync("/admin/v1/models", """{"name":"m","model_id":"real-model","backends":[{"provider":"p"}]}""");
        string key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        HttpClient client = product.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return (admin, client);
    }

    private static async Task<int> CallAsync(HttpClient client, string path, string body)
    {
        using HttpResponseMessage answer = await client.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);
        await answer.Content.ReadAsStringAsync(Cancel);
        return (int)answer.StatusCode;
    }

    private static async Task<JsonElement> RowsAsync(HttpClient admin, int count)
    {
        JsonElement rows = default;
        await Eventually.TrueAsync(() => (rows = admin.GetAsync("/admin/v1/requests?limit=1000", 200).GetAwaiter().GetResult()).GetArrayLength() >= count);
        return rows;
    }
}
