using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Traffic;

public sealed class TrafficApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_OfAQuery_StreamsAllItsCalls()
    {
        await using var product = new TestProduct();
        using HttpClient admin = await product.StartAsync();
        await AppendAsync(product, 2_500);
        string csv = await admin.GetStringAsync("/admin/v1/requests/export?format=csv&q=error:*", Cancel);
        string[] lines = csv.TrimEnd().Split('\n');
        lines.Length.ShouldBe(251);
        lines[0].ShouldStartWith("started_at,id,request_id,status,error_kind");
        csv.ShouldContain("'=HYPERLINK");
        string ndjson = await admin.GetStringAsync("/admin/v1/requests/export?format=ndjson", Cancel);
        string[] records = ndjson.TrimEnd().Split('\n');
        records.Length.ShouldBe(2_500);
        records.Select(r => JsonElement.Parse(r).GetProperty("request_id").GetString()).Distinct().Count().ShouldBe(2_500);
        // What no record keeps would be zeros in each.
        JsonElement.Parse(records[0]).TryGetProperty("trace_context", out _).ShouldBeFalse();
        await admin.GetAsync("/admin/v1/requests/export?format=xml", 400);
        await admin.GetAsync("/admin/v1/requests/export?q=latency:soon", 400);
    }

    [Fact]
    public async Task Explore_ByKeyAndModel_AddsTheRestUp()
    {
        await using var product = new TestProduct();
        using HttpClient admin = await product.StartAsync();
        await AppendAsync(product, 600);
        JsonElement result = await admin.GetAsync("/admin/v1/explore?metric=requests&group_by=key&then_by=model&top=2&interval=day&from=2026-11-01T00:00:00Z&to=2026-11-30T00:00:00Z", 200);
        JsonElement[] groups = [.. result.GetProperty("groups").EnumerateArray()];
        groups.Length.ShouldBe(3);
        groups[2].GetProperty("others").GetInt32().ShouldBe(4);
        groups.Sum(g => g.GetProperty("value").GetDouble()).ShouldBe(600);
        groups.Sum(g => g.GetProperty("points").EnumerateArray().Sum(p => p.ValueKind == JsonValueKind.Null ? 0 : p.GetDouble())).ShouldBe(600);
        JsonElement statuses = await admin.GetAsync("/admin/v1/explore?metric=requests&group_by=status&from=2026-11-01T00:00:00Z&to=2026-11-30T00:00:00Z", 200);
        statuses.GetProperty("groups").EnumerateArray().Select(g => $"{g.GetProperty("name")} {g.GetProperty("value")}").ShouldBe(["2xx 540", "5xx 60"]);
        await admin.GetAsync("/admin/v1/explore?metric=beauty", 400);
        await admin.GetAsync("/admin/v1/explore?group_by=colour", 400);
    }

    [Fact]
    public async Task Usage_OfARevokedKey_StaysInItsTeamAndUnderItsName()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-revoked-").FullName;
        try
        {
            await using (var first = new TestProduct(directory))
            {
                using HttpClient admin = await first.StartAsync();
                await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated"}""");
                string model = (await admin.PostAsync("/admin/v1/models", """{"name":"m"}""")).Id();
                await admin.PostAsync($"/admin/v1/models/{model}/backends", """{"provider":"sim"}""");
                await admin.PostAsync("/admin/v1/teams", """{"name":"search"}""");
                JsonElement issued = await admin.PostAsync("/admin/v1/keys", """{"name":"crawler","team":"search"}""");
                (await admin.ChatAsync(issued.GetProperty("key").GetString()!, "m")).ShouldBe(200);
                await admin.SendAsync(HttpMethod.Delete, "/admin/v1/keys/" + issued.GetProperty("api_key").Id(), 204);
                await CheckAsync(admin);
            }
            // Read anew, it is known as before.
            await using var again = new TestProduct(directory);
            using HttpClient client = await again.StartAsync();
            await CheckAsync(client);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directories.Remove(directory);
        }

        static async Task CheckAsync(HttpClient admin)
        {
            JsonElement groups = (await admin.GetAsync("/admin/v1/usage?group_by=team", 200)).GetProperty("groups");
            groups.EnumerateArray().Single().GetProperty("name").GetString().ShouldBe("search");
            (await admin.GetAsync("/admin/v1/requests?q=key:crawler", 200)).GetArrayLength().ShouldBe(1);
            (await admin.GetAsync("/admin/v1/requests?q=team:search", 200)).GetArrayLength().ShouldBe(1);
        }
    }

    [Fact]
    public async Task Views_OfOnePerson_AreNobodyElses()
    {
        await using var product = new TestProduct();
        using HttpClient admin = await product.StartAsync();
        JsonElement saved = await admin.PostAsync("/admin/v1/views", """{"name": "slow ones", "page": "requests", "query": "?q=latency:>2s"}""", 200);
        saved.GetProperty("query").GetString().ShouldBe("q=latency:>2s");
        await admin.PostAsync("/admin/v1/views", """{"name": "slow ones", "page": "explore", "query": ""}""", 200);
        JsonElement views = await admin.GetAsync("/admin/v1/views", 200);
        views.EnumerateArray().Single().GetProperty("page").GetString().ShouldBe("explore");
        JsonElement problem = await admin.PostAsync("/admin/v1/views", """{"name": " ", "page": "elsewhere"}""", 400);
        problem.GetProperty("errors").EnumerateArray().Count().ShouldBe(2);

        using HttpClient viewer = product.Browser();
        viewer.DefaultRequestHeaders.Add("Cookie", await product.CookieOfAsync(ConsoleRoles.Viewer, TimeProvider.System.GetUtcNow()));
        (await viewer.GetAsync("/admin/v1/views", 200)).GetArrayLength().ShouldBe(0);
        string id = saved.GetProperty("id").GetString()!;
        viewer.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        await viewer.SendAsync(HttpMethod.Delete, $"/admin/v1/views/{id}", 404);
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/views/{id}", 204);
        JsonElement audit = await admin.GetAsync("/admin/v1/audit?entity_id=" + id, 200);
        audit.EnumerateArray().Select(e => e.GetProperty("action").GetString()).ShouldBe(["view.remove", "view.save", "view.save"]);
    }

    [Fact]
    public async Task Reading_IsForViewersToo_AndForNobodyElse()
    {
        await using var product = new TestProduct();
        using HttpClient admin = await product.StartAsync();
        using HttpClient nobody = product.Browser();
        using HttpClient viewer = product.Browser();
        viewer.DefaultRequestHeaders.Add("Cookie", await product.CookieOfAsync(ConsoleRoles.Viewer, TimeProvider.System.GetUtcNow()));
        foreach (string path in (string[])["/admin/v1/requests/export", "/admin/v1/explore", "/admin/v1/running", "/admin/v1/views"])
        {
            using HttpResponseMessage refused = await nobody.GetAsync(path, Cancel);
            ((int)refused.StatusCode).ShouldBe(401, path);
            using HttpResponseMessage seen = await viewer.GetAsync(path, Cancel);
            ((int)seen.StatusCode).ShouldBe(200, path);
        }
        using HttpResponseMessage keys = await viewer.GetAsync("/admin/v1/keys", Cancel);
        ((int)keys.StatusCode).ShouldBe(403);
    }

    [Fact]
    public async Task Running_ForOperators_CanBeCancelled()
    {
        await using var product = new TestProduct();
        using HttpClient admin = await product.StartAsync();
        (await admin.GetAsync("/admin/v1/running", 200)).GetArrayLength().ShouldBe(0);
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/running/{Guid.NewGuid()}", 404);
        using HttpClient viewer = product.Browser();
        viewer.DefaultRequestHeaders.Add("Cookie", await product.CookieOfAsync(ConsoleRoles.Viewer, TimeProvider.System.GetUtcNow()));
        viewer.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        await viewer.SendAsync(HttpMethod.Delete, $"/admin/v1/running/{Guid.NewGuid()}", 403);
    }

    private static async Task AppendAsync(TestProduct product, int count)
    {
        Journal journal = product.Services.GetRequiredService<Journal>();
        for (int i = 0; i < count; i++)
        {
            (await journal.AppendAsync(Record(i))).ShouldBeTrue();
        }
    }

    private static UsageRecord Record(int i)
    {
        UsageRecord record = Storage.Usage.UsageFixture.Record(i, Storage.Usage.UsageFixture.Noon.AddSeconds(i));
        record.Admitted = true;
        record.KeyName = i % 10 == 0 ? "=HYPERLINK(\"http://evil\")" : "fine";
        return record;
    }
}
