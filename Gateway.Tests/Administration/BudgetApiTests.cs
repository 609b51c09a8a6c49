using System.Text.Json;
using Gateway.Core.Budgets;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Budgets over the admin API.</summary>
public class BudgetApiTests
{
    private const string Budgets = "/admin/v1/budgets";

    [Fact]
    public async Task Budgets_CreateChangeDelete_AreTold()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string team = (await admin.PostAsync("/admin/v1/teams", """{"name":"search"}""")).Id();
        JsonElement budget = await admin.PostAsync(Budgets, """
            {"name":"monthly","scope":"team","of":"search","amount_usd":"120.50","time_zone":"Europe/Berlin"}
            """);
        (budget.GetProperty("of").GetString(), budget.GetProperty("of_name").GetString()).ShouldBe((team, "search"));
        budget.GetProperty("amount_usd").GetString().ShouldBe("120.5");
        budget.GetProperty("period").GetString().ShouldBe("month");
        budget.GetProperty("hard").GetBoolean().ShouldBeTrue();
        await admin.PostAsync(Budgets, """{"name":"monthly","scope":"gateway","amount_usd":1}""", 409);

        JsonElement standing = (await admin.GetAsync($"{Budgets}/{budget.Id()}", 200)).GetProperty("standing");
        standing.GetProperty("amount_usd").GetString().ShouldBe("120.5");
        standing.GetProperty("spent_usd").GetString().ShouldBe("0");
        standing.GetProperty("remaining_usd").GetString().ShouldBe("120.5");
        standing.GetProperty("spent_by_forecast").ValueKind.ShouldBe(JsonValueKind.Null);
        standing.GetProperty("has_forecast").GetBoolean().ShouldBeFalse();
        JsonElement forecast = await admin.GetAsync($"{Budgets}/{budget.Id()}/forecast", 200);
        (forecast.GetProperty("verdict").GetString(), forecast.GetProperty("summary").GetString()).ShouldBe(("unspent", "Nothing was spent yet."));
        forecast.GetProperty("points")[0].GetProperty("left_usd").GetString().ShouldBe("120.5");
        DateTimeOffset end = standing.GetProperty("window_ends_at").GetDateTimeOffset();
        TimeZoneInfo.ConvertTime(end, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).ShouldSatisfyAllConditions(
            local => local.Day.ShouldBe(1), local => local.TimeOfDay.ShouldBe(TimeSpan.Zero));

        JsonElement changed = await admin.PutAsync($"{Budgets}/{budget.Id()}", """{"extra_usd":"10","extra_until":"2099-01-01T00:00:00Z","hard":false,"time_zone":null}""");
        changed.GetProperty("extra_usd").GetString().ShouldBe("10");
        changed.GetProperty("time_zone").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("scope").GetString().ShouldBe("team", "fields left out stay");
        (await admin.GetAsync(Budgets, 200))[0].GetProperty("standing").GetProperty("amount_usd").GetString().ShouldBe("130.5");
        await admin.PutAsync($"{Budgets}/{budget.Id()}", """{"active":false}""");
        (await admin.GetAsync(Budgets, 200))[0].GetProperty("standing").ValueKind.ShouldBe(JsonValueKind.Null);

        await admin.SendAsync(HttpMethod.Delete, $"{Budgets}/{budget.Id()}", 204);
        await admin.GetAsync($"{Budgets}/{budget.Id()}", 404);
        await admin.GetAsync($"{Budgets}/{budget.Id()}/forecast", 404);
        await admin.PutAsync($"{Budgets}/{budget.Id()}", "{}", 404);
        await admin.SendAsync(HttpMethod.Delete, $"{Budgets}/{budget.Id()}", 404);
    }

    [Fact]
    public async Task Key_IssuedWithABudget_HasItOrIsNotIssued()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(Budgets, """{"name":"batch","scope":"gateway","amount_usd":1000}""");

        string id = (await admin.PostAsync("/admin/v1/keys", """{"name":"batch","budget":{"amount_usd":"50","period":"week"}}""")).GetProperty("api_key").Id();

        JsonElement budget = (await admin.GetAsync(Budgets, 200)).EnumerateArray().Single(b => b.GetProperty("scope").GetString() == "key");
        (budget.GetProperty("name").GetString(), budget.GetProperty("of").GetString()).ShouldBe(("batch 2", id));
        (budget.GetProperty("amount_usd").GetString(), budget.GetProperty("period").GetString(), budget.GetProperty("hard").GetBoolean()).ShouldBe(("50", "week", true));

        await admin.PostAsync("/admin/v1/keys", """{"name":"other","budget":{"period":"week"}}""", 400);
        await admin.PutAsync($"/admin/v1/keys/{id}", """{"budget":{"amount_usd":"70"}}""", 400);
        (await admin.GetAsync("/admin/v1/keys", 200)).GetArrayLength().ShouldBe(1);
        (await admin.GetAsync(Budgets, 200)).GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Budget_OfATeam_KeepsWhatARevokedKeySpentOverARestart()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-refund-").FullName;
        try
        {
            string budget;
            await using (var first = new TestProduct(directory))
            {
                HttpClient admin = await first.StartAsync();
                await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated"}""");
                string model = (await admin.PostAsync("/admin/v1/models", """{"name":"m"}""")).Id();
                await admin.PostAsync($"/admin/v1/models/{model}/backends", """{"provider":"sim"}""");
                await admin.PostAsync("/admin/v1/prices", """{"model":"m","input_per_million":0,"output_per_million":25000}""");
                await admin.PostAsync("/admin/v1/teams", """{"name":"search"}""");
                budget = (await admin.PostAsync(Budgets, """{"name":"monthly","scope":"team","of":"search","amount_usd":"120"}""")).Id();
                JsonElement issued = await admin.PostAsync("/admin/v1/keys", """{"name":"crawler","team":"search"}""");
                (await admin.ChatAsync(issued.GetProperty("key").GetString()!, "m")).ShouldBe(200);
                await admin.SendAsync(HttpMethod.Delete, "/admin/v1/keys/" + issued.GetProperty("api_key").Id(), 204);
                (await SpentAsync(admin, budget)).ShouldNotBe("0");
            }
            await using var again = new TestProduct(directory);
            HttpClient client = await again.StartAsync();
            await Eventually.TrueAsync(() => SpentAsync(client, budget).GetAwaiter().GetResult() != "0");
            (await client.GetAsync($"{Budgets}/{budget}/forecast", 200)).GetProperty("verdict").GetString().ShouldNotBe("unspent");
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directories.Remove(directory);
        }

        static async Task<string?> SpentAsync(HttpClient admin, string budget) =>
            (await admin.GetAsync($"{Budgets}/{budget}", 200)).GetProperty("standing") is { ValueKind: JsonValueKind.Object } standing ? standing.GetProperty("spent_usd").GetString() : "0";
    }

    [Theory]
    [InlineData("""{"name":"b","scope":"gateway"}""", "amount_usd")]
    [InlineData("""{"name":"b","amount_usd":"1"}""", "scope")]
    [InlineData("""{"scope":"gateway","amount_usd":"1"}""", "name")]
    [InlineData("""{"name":"b","scope":"planet","amount_usd":"1"}""", "scope")]
    [InlineData("""{"name":"b","scope":"team","amount_usd":"1"}""", "of")]
    [InlineData("""{"name":"b","scope":"team","of":"nobody","amount_usd":"1"}""", "of")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"a lot"}""", "amount_usd")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"-1"}""", "budgets[b].amount_usd")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","period":"year"}""", "period")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","time_zone":"Mars/Olympus"}""", "budgets[b].time_zone")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","period":"fixed","starts_at":"2027-02-01T00:00:00Z","ends_at":"2027-01-01T00:00:00Z"}""", "budgets[b].ends_at")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","period":"fixed","starts_at":"2027-01-01T00:00:00Z","ends_at":"2027-01-01T00:00:00Z"}""", "budgets[b].ends_at")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","period":"month","ends_at":"2027-01-01T00:00:00Z"}""", "budgets[b].ends_at")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","period":"month","starts_at":"2027-01-01T00:00:00Z"}""", "budgets[b].starts_at")]
    [InlineData("""{"name":"b","scope":"gateway","amount_usd":"1","extra_usd":"-1"}""", "budgets[b].extra_usd")]
    public async Task Budgets_WrongValues_AreProblemsWithAPath(string body, string path)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (await admin.PostAsync(Budgets, body, 400)).Paths().ShouldBe([path]);
        (await admin.GetAsync(Budgets, 200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Budgets_Spent_RefuseUntilThereIsMore()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""");
        await admin.PostAsync("/admin/v1/models", """{"name":"chat","model_id":"dear","max_output_tokens":100,"backends":[{"provider":"sim"}]}""");
        await admin.PostAsync("/admin/v1/prices", """{"model":"dear","input_per_million":"1000","output_per_million":"1000","effective_from":"2020-01-01T00:00:00Z"}""");
        JsonElement issued = await admin.PostAsync("/admin/v1/keys", """{"name":"k","rpm_limit":0,"tpm_limit":0}""");
        string key = issued.GetProperty("key").GetString()!;
        string id = (await admin.PostAsync(Budgets, """{"name":"b","scope":"key","of":"k","amount_usd":"0.000001","period":"day"}""")).Id();

        (await admin.ChatAsync(key, "chat")).ShouldBe(200, "the one call that may overshoot");
        Budget budget = product.Catalog.Current.Budgets[id];
        await Eventually.TrueAsync(() => budget.Meter.Read(budget, TimeProvider.System.GetUtcNow()) is { Reserved.Value: 0, Spent.Value: > 0 });
        JsonElement standing = (await admin.GetAsync($"{Budgets}/{id}", 200)).GetProperty("standing");
        decimal spent = decimal.Parse(standing.GetProperty("spent_usd").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        decimal remaining = decimal.Parse(standing.GetProperty("remaining_usd").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        (0.000001m - spent).ShouldBe(remaining);
        standing.GetProperty("used_percent").GetDecimal().ShouldBeGreaterThan(100);
        standing.GetProperty("spent_by_forecast").ValueKind.ShouldNotBe(JsonValueKind.Null);

        JsonElement forecast = await admin.GetAsync($"{Budgets}/{id}/forecast", 200);
        forecast.GetProperty("verdict").GetString().ShouldBe("spent");
        forecast.GetProperty("points").EnumerateArray().Any(p => p.GetProperty("left_usd").GetString() is { } left && left.StartsWith('-')).ShouldBeTrue();

        (await admin.ChatAsync(key, "chat")).ShouldBe(429);
        await admin.PutAsync($"{Budgets}/{id}", """{"extra_usd":"100","extra_until":"2099-01-01T00:00:00Z"}""");
        (await admin.ChatAsync(key, "chat")).ShouldBe(200);
        await admin.PutAsync($"{Budgets}/{id}", """{"extra_usd":null,"extra_until":null,"hard":false}""");
        (await admin.ChatAsync(key, "chat")).ShouldBe(200, "a soft budget refuses nothing");
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/keys/{issued.GetProperty("api_key").Id()}", 204);
        (await admin.GetAsync($"{Budgets}/{id}", 200)).GetProperty("standing").ValueKind.ShouldBe(JsonValueKind.Null, "a revoked key's budget is out of force");
    }
}
