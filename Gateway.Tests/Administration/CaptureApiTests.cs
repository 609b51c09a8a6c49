using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Content capture from the switch to what is read.</summary>
public class CaptureApiTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Capture_NextRequests_AreKeptWithoutSecretsAndThenNoMore()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, string key) = await PrepareAsync(admin);
        JsonElement started = await admin.PostAsync($"{V1}/keys/{id}/capture", """{"requests":2}""", 200);
        started.GetProperty("capture_left").GetInt32().ShouldBe(2);
        started.GetProperty("capture_until").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(59));

        Guid[] calls = await ChatAsync(product, admin, key, 3, "my key is sk-proj-0123456789abcdef0123");

        await Eventually.TrueAsync(() => LeftAsync(admin, id).GetAwaiter().GetResult() == 0);
        JsonElement content = await admin.GetAsync($"{V1}/requests/{calls[0]}/content", 200);
        content.GetProperty("request").GetString()!.ShouldContain("my key is <redacted:key>");
        content.GetRawText().ShouldNotContain("0123456789abcdef");
        content.GetProperty("answer").GetString()!.ShouldContain("choices");
        await admin.GetAsync($"{V1}/requests/{calls[1]}/content", 200);
        await admin.GetAsync($"{V1}/requests/{calls[1]}/content", 200);
        await admin.GetAsync($"{V1}/requests/{calls[2]}/content", 404);
        string[] actions = [.. (await admin.GetAsync($"{V1}/audit?limit=50", 200)).EnumerateArray().Select(e => e.GetProperty("action").GetString()!)];
        actions.Count(a => a == "content.read").ShouldBe(2, "once for each person and call");
        actions.ShouldContain("key.capture.start");

        await admin.SendAsync(HttpMethod.Delete, $"{V1}/requests/{calls[0]}/content", 204);
        await admin.GetAsync($"{V1}/requests/{calls[0]}/content", 404);
    }

    [Fact]
    public async Task Capture_AtRest_IsEncrypted()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, string key) = await PrepareAsync(admin);
        await admin.PostAsync($"{V1}/keys/{id}/capture", """{"requests":1}""", 200);
        await ChatAsync(product, admin, key, 1, "the words that nobody is to find");
        await Eventually.TrueAsync(() => LeftAsync(admin, id).GetAwaiter().GetResult() == 0);

        foreach (string file in Directory.GetFiles(product.DataDirectory, "gateway.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            (await reader.ReadToEndAsync(Cancel)).ShouldNotContain("nobody is to find");
        }
    }

    [Fact]
    public async Task Capture_Restart_GoesOnCounting()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-capture-").FullName;
        string id;
        string key;
        await using (var product = new TestProduct(directory))
        {
            HttpClient admin = await product.StartAsync();
            (id, key) = await PrepareAsync(admin);
            await admin.PostAsync($"{V1}/keys/{id}/capture", """{"requests":5}""", 200);
            await ChatAsync(product, admin, key, 2, "hi");
            await Eventually.TrueAsync(() => LeftAsync(admin, id).GetAwaiter().GetResult() == 3);
        }
        await using (var product = new TestProduct(directory))
        {
            HttpClient admin = await product.StartAsync();
            product.Catalog.Current.Keys.Values.Single(k => k.Id == id).Capture!.Left.ShouldBe(3);
            await ChatAsync(product, admin, key, 4, "hi");
            await Eventually.TrueAsync(() => LeftAsync(admin, id).GetAwaiter().GetResult() == 0);
        }
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directories.Remove(directory);
    }

    [Fact]
    public async Task Capture_Stopped_KeepsNothingMore()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, string key) = await PrepareAsync(admin);
        await admin.PostAsync($"{V1}/keys/{id}/capture", "{}", 200);
        (await LeftAsync(admin, id)).ShouldBe(20);

        JsonElement stopped = await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{id}/capture", 200);
        stopped.GetProperty("capture_left").GetInt32().ShouldBe(0);
        stopped.GetProperty("capture_until").ValueKind.ShouldBe(JsonValueKind.Null);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{id}/capture", 200);

        Guid[] calls = await ChatAsync(product, admin, key, 1, "hi");
        await admin.GetAsync($"{V1}/requests/{calls[0]}/content", 404);
        (await admin.GetAsync($"{V1}/audit?action=key.capture.stop", 200)).GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Capture_WrongValues_AreAllNamed()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, _) = await PrepareAsync(admin);
        string late = TimeProvider.System.GetUtcNow().AddHours(25).ToString("O");

        (await admin.PostAsync($"{V1}/keys/{id}/capture", $$"""{"requests":0,"until":"{{late}}"}""", 400)).Paths().ShouldBe(["requests", "until"]);
        (await admin.PostAsync($"{V1}/keys/{id}/capture", """{"requests":1001,"until":"2020-01-01T00:00:00Z"}""", 400)).Paths().ShouldBe(["requests", "until"]);
        await admin.PostAsync($"{V1}/keys/nobody/capture", "{}", 404);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{id}", 204);
        await admin.PostAsync($"{V1}/keys/{id}/capture", "{}", 409);
    }

    [Theory]
    [InlineData(ConsoleRoles.Viewer, 403)]
    [InlineData(ConsoleRoles.TeamOperator, 403)]
    [InlineData(ConsoleRoles.Operator, 200)]
    public async Task Content_Roles_OperatorsOnly(string role, int status)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string id, string key) = await PrepareAsync(admin);
        await admin.PostAsync($"{V1}/keys/{id}/capture", """{"requests":1}""", 200);
        Guid[] calls = await ChatAsync(product, admin, key, 1, "hi");
        await Eventually.TrueAsync(() => LeftAsync(admin, id).GetAwaiter().GetResult() == 0);
        HttpClient person = product.Browser();
        person.DefaultRequestHeaders.Add("Cookie", await product.CookieOfAsync(role, TimeProvider.System.GetUtcNow()));

        await person.GetAsync($"{V1}/requests/{calls[0]}/content", status);

        person.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        await person.PostAsync($"{V1}/keys/{id}/capture", "{}", status);
    }

    private static async Task<(string Id, string Key)> PrepareAsync(HttpClient admin)
    {
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"provider":"sim"}]}""");
        JsonElement issued = await admin.PostAsync(V1 + "/keys", """{"name":"app","rpm_limit":0,"tpm_limit":0}""");
        return (issued.GetProperty("api_key").Id(), issued.GetProperty("key").GetString()!);
    }

    private static async Task<int> LeftAsync(HttpClient admin, string id) => (await admin.GetAsync($"{V1}/keys/{id}", 200)).GetProperty("capture_left").GetInt32();

    /// <summary>Makes calls, one after the other.</summary>
    /// <returns>The ids of their records.</returns>
    private static async Task<Guid[]> ChatAsync(TestProduct product, HttpClient admin, string key, int count, string text)
    {
        using LiveFeed.Watcher watcher = product.Services.GetRequiredService<LiveFeed>().Watch();
        var ids = new List<Guid>();
        for (int i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
            request.Headers.Add("Authorization", "Bearer " + key);
            request.Content = new StringContent($$"""{"model":"m","messages":[{"role":"user","content":"{{text}}"}]}""", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await admin.SendAsync(request, Cancel);
            ((int)answer.StatusCode).ShouldBe(200);
            UsageRecord record = await watcher.Records.ReadAsync(Cancel);
            ids.Add(record.Id);
        }
        return [.. ids];
    }
}
