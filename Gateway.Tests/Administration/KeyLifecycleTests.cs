using System.Net;
using System.Text.Json;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Rotation, bulk changes, and what the holder of a key may ask without an account.</summary>
public class KeyLifecycleTests
{
    private const string V1 = "/admin/v1";

    [Fact]
    public async Task Rotate_WithOverlap_BothTextsAreGoodAndOneIsTheKeysOwn()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SimulateAsync(admin);
        (string id, string old) = await NewKeyAsync(admin, "k", ",\"rpm_limit\":3");

        JsonElement rotated = await admin.PostAsync($"{V1}/keys/{id}/rotate", """{"overlap_seconds":3600}""", 200);

        string fresh = rotated.GetProperty("key").GetString()!;
        fresh.ShouldNotBe(old);
        rotated.GetProperty("api_key").Id().ShouldBe(id);
        rotated.GetProperty("api_key").GetProperty("previous_until").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(50));
        // Both are one key: they share its limit of three.
        (await admin.ChatAsync(old, "m")).ShouldBe(200);
        (await admin.ChatAsync(fresh, "m")).ShouldBe(200);
        (await admin.ChatAsync(old, "m")).ShouldBe(200);
        (await admin.ChatAsync(fresh, "m")).ShouldBe(429);
        (await admin.ChatAsync(old, "m")).ShouldBe(429);
        JsonElement entry = (await admin.GetAsync(V1 + "/audit?limit=1", 200))[0];
        entry.GetProperty("action").GetString().ShouldBe("key.rotate");
        entry.GetRawText().ShouldNotContain(fresh);
    }

    [Theory]
    [InlineData("""{"overlap_seconds":0}""")]
    [InlineData("""{"overlap_seconds":1}""")]
    public async Task Rotate_OverlapOver_OnlyTheNewTextIsGood(string rotation)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SimulateAsync(admin);
        (string id, string old) = await NewKeyAsync(admin, "k");

        string fresh = (await admin.PostAsync($"{V1}/keys/{id}/rotate", rotation, 200)).GetProperty("key").GetString()!;

        await Eventually.TrueAsync(() => admin.ChatAsync(old, "m").GetAwaiter().GetResult() == 401);
        (await admin.ChatAsync(fresh, "m")).ShouldBe(200);
    }

    [Fact]
    public async Task Rotate_Twice_TheTextBeforeTheLastEnds()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SimulateAsync(admin);
        (string id, string first) = await NewKeyAsync(admin, "k");
        string second = (await admin.PostAsync($"{V1}/keys/{id}/rotate", "{}", 200)).GetProperty("key").GetString()!;

        string third = (await admin.PostAsync($"{V1}/keys/{id}/rotate", "{}", 200)).GetProperty("key").GetString()!;

        (await admin.ChatAsync(first, "m")).ShouldBe(401);
        (await admin.ChatAsync(second, "m")).ShouldBe(200);
        (await admin.ChatAsync(third, "m")).ShouldBe(200);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{id}", 204);
        (await admin.ChatAsync(second, "m")).ShouldBe(401, "revoking ends every text");
        (await admin.ChatAsync(third, "m")).ShouldBe(401);
        await admin.PostAsync($"{V1}/keys/{id}/rotate", "{}", 409);
    }

    [Fact]
    public async Task Rotate_WrongValues_AreProblems()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, _) = await NewKeyAsync(admin, "k");
        (await admin.PostAsync($"{V1}/keys/{id}/rotate", """{"overlap_seconds":-1}""", 400)).Paths().ShouldBe(["overlap_seconds"]);
        await admin.PostAsync($"{V1}/keys/{id}/rotate", """{"overlap_seconds":2592001}""", 400);
        await admin.PostAsync($"{V1}/keys/nobody/rotate", "{}", 404);
    }

    [Fact]
    public async Task Bulk_AllOrNothing()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SimulateAsync(admin);
        (string a, string textA) = await NewKeyAsync(admin, "a");
        (string b, string textB) = await NewKeyAsync(admin, "b");

        await admin.PostAsync($"{V1}/keys/bulk", $$"""{"ids":["{{a}}","nobody"],"action":"disable"}""", 404);
        (await admin.ChatAsync(textA, "m")).ShouldBe(200, "nothing was changed");
        (await admin.PostAsync($"{V1}/keys/bulk", """{"ids":[],"action":"explode"}""", 400)).Paths().ShouldBe(["ids", "action"]);

        (await admin.PostAsync($"{V1}/keys/bulk", $$"""{"ids":["{{a}}","{{b}}"],"action":"disable"}""", 200)).GetProperty("changed").GetInt32().ShouldBe(2);
        (await admin.ChatAsync(textA, "m")).ShouldBe(401);
        (await admin.PostAsync($"{V1}/keys/bulk", $$"""{"ids":["{{a}}"],"action":"enable"}""", 200)).GetProperty("changed").GetInt32().ShouldBe(1);
        (await admin.ChatAsync(textA, "m")).ShouldBe(200);
        (await admin.PostAsync($"{V1}/keys/bulk", $$"""{"ids":["{{a}}","{{b}}"],"action":"revoke"}""", 200)).GetProperty("changed").GetInt32().ShouldBe(2);
        (await admin.ChatAsync(textB, "m")).ShouldBe(401);
        await admin.PostAsync($"{V1}/keys/bulk", $$"""{"ids":["{{a}}"],"action":"enable"}""", 409);
        (await admin.GetAsync(V1 + "/audit?limit=10", 200)).EnumerateArray().Select(e => e.GetProperty("action").GetString()).Count(x => x == "key.revoke").ShouldBe(2);
    }

    [Fact]
    public async Task SelfService_HolderOfAKey_SeesItsOwnAndNothingElse()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SimulateAsync(admin);
        string team = (await admin.PostAsync(V1 + "/teams", """{"name":"search"}""")).Id();
        (string id, string mine) = await NewKeyAsync(admin, "mine", ",\"team\":\"search\",\"rpm_limit\":90,\"owner\":\"ada@example.com\"");
        (_, string theirs) = await NewKeyAsync(admin, "theirs");
        await admin.PostAsync(V1 + "/budgets", $$"""{"name":"of mine","scope":"key","of":"{{id}}","amount_usd":"5"}""");
        await admin.PostAsync(V1 + "/budgets", $$"""{"name":"of search","scope":"team","of":"{{team}}","amount_usd":"7"}""");
        await admin.PostAsync(V1 + "/budgets", """{"name":"of everybody","scope":"gateway","amount_usd":"900"}""");
        (await admin.ChatAsync(mine, "m")).ShouldBe(200);
        (await admin.ChatAsync(mine, "no-such-model")).ShouldBe(404);
        (await admin.ChatAsync(theirs, "m")).ShouldBe(200);

        JsonElement own = await AskAsync(product, mine);

        own.GetProperty("name").GetString().ShouldBe("mine");
        own.GetProperty("team").GetString().ShouldBe("search");
        own.GetProperty("usage").GetProperty("requests").GetInt32().ShouldBe(1);
        own.GetProperty("usage").GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("name").GetString()).ShouldContain("m");
        own.GetProperty("budgets").EnumerateArray().Select(b => b.GetProperty("name").GetString()).ShouldBe(["of mine", "of search"]);
        JsonElement limit = own.GetProperty("limits").EnumerateArray().First(l => l.GetProperty("of").GetString() == "key");
        limit.GetProperty("rpm").GetInt32().ShouldBe(90);
        limit.GetProperty("remaining_requests").GetInt32().ShouldBeInRange(88, 89);
        own.GetProperty("failures").EnumerateArray().Select(f => (f.GetProperty("status").GetInt32(), f.GetProperty("kind").GetString())).ShouldBe([(404, "model_not_found")]);
        own.GetRawText().ShouldNotContain("theirs");
        own.GetRawText().ShouldNotContain("everybody");
        own.GetRawText().ShouldNotContain(mine);
    }

    [Fact]
    public async Task SelfService_WithADefaultProvider_NamesWhatTheKeyMayCallOfIt()
    {
        await using var upstream = ScriptedUpstream.Json("""{"object":"list","data":[{"id":"llama-3"},{"id":"qwen"},{"id":"m"}]}""");
        await using var product = new TestProduct { Settings = { ["Gateway:DefaultProvider"] = "up", ["Gateway:AllowedModels"] = "llama-*,m" } };
        HttpClient admin = await product.StartAsync();
        await SimulateAsync(admin);
        await admin.PostAsync(V1 + "/models", """{"name":"not-here"}""");
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"up","kind":"openai-compatible","base_url":"{{upstream.Url}}"}""");
        (_, string all) = await NewKeyAsync(admin, "all");
        (_, string few) = await NewKeyAsync(admin, "few", ""","allowed_models":["m"]""");

        // The first that asks may not be patient enough.
        await Eventually.TrueAsync(async () => Models(await AskAsync(product, all)).SequenceEqual(["m", "llama-3"]));

        Models(await AskAsync(product, few)).ShouldBe(["m"]);
    }

    [Fact]
    public async Task SelfService_IsLinkedFromTheSignInPage()
    {
        await using var product = new TestProduct();
        HttpClient client = await product.StartAsync();
        (await client.GetStringAsync("/login", TestContext.Current.CancellationToken)).ShouldContain("href=\"/me\"");
    }

    [Fact]
    public async Task SelfService_OthersAreRefused()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, string key) = await NewKeyAsync(admin, "k");
        (await StatusAsync(product, null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(product, "ml-guess")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(product, key, "?window=9y")).ShouldBe(HttpStatusCode.BadRequest);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{id}", 204);
        (await StatusAsync(product, key)).ShouldBe(HttpStatusCode.Unauthorized);
        (_, string busy) = await NewKeyAsync(admin, "busy");
        HttpStatusCode[] statuses = await Task.WhenAll(Enumerable.Range(0, 70).Select(_ => StatusAsync(product, busy)));
        statuses.Count(s => s == HttpStatusCode.TooManyRequests).ShouldBeInRange(1, 10);
    }

    private static async Task<(string Id, string Key)> NewKeyAsync(HttpClient admin, string name, string more = "")
    {
        JsonElement created = await admin.PostAsync(V1 + "/keys", $$"""{"name":"{{name}}"{{more}}}""");
        return (created.GetProperty("api_key").Id(), created.GetProperty("key").GetString()!);
    }

    private static async Task SimulateAsync(HttpClient admin)
    {
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated"}""");
        string model = (await admin.PostAsync(V1 + "/models", """{"name":"m"}""")).Id();
        await admin.PostAsync($"{V1}/models/{model}/backends", """{"provider":"sim"}""");
    }

    private static async Task<JsonElement> AskAsync(TestProduct product, string key)
    {
        using HttpResponseMessage response = await SendAsync(product, key, "");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    private static IEnumerable<string?> Models(JsonElement own) => own.GetProperty("models").EnumerateArray().Select(m => m.GetString());

    private static async Task<HttpStatusCode> StatusAsync(TestProduct product, string? key, string query = "")
    {
        using HttpResponseMessage response = await SendAsync(product, key, query);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(TestProduct product, string? key, string query)
    {
        HttpClient client = product.CreateClient();
        var request = new HttpRequestMessage(HttpMethod.Get, "/self/v1" + query);
        if (key is not null)
        {
            request.Headers.Add("Authorization", "Bearer " + key);
        }
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
