using System.Text.Json;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Teams over the admin API, and what a key takes from its team.</summary>
public class TeamApiTests
{
    private const string V1 = "/admin/v1";

    [Fact]
    public async Task Teams_CreateChangeDelete_IsTold()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement team = await admin.PostAsync(V1 + "/teams", """
            {"name":"search","owners":["ada@example.com","bob@example.com","ada@example.com"],"allowed_models":["gpt*"],"description":"Finds things."}
            """);
        string id = team.Id();
        team.GetProperty("active").GetBoolean().ShouldBeTrue();
        team.GetProperty("owners").EnumerateArray().Select(o => o.GetString()).ShouldBe(["ada@example.com", "bob@example.com"]);
        team.GetProperty("keys").GetInt32().ShouldBe(0);

        await admin.PostAsync(V1 + "/teams", """{"name":"search"}""", 409);
        string other = (await admin.PostAsync(V1 + "/teams", """{"name":"billing"}""")).Id();
        await admin.PutAsync($"{V1}/teams/{other}", """{"name":"search"}""", 409);

        JsonElement changed = await admin.PutAsync($"{V1}/teams/{id}", """{"description":null,"allowed_models":null,"active":false}""");
        changed.GetProperty("description").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("allowed_models").GetArrayLength().ShouldBe(0);
        changed.GetProperty("owners").GetArrayLength().ShouldBe(2, "fields left out stay");
        (await admin.GetAsync($"{V1}/teams/{id}", 200)).GetProperty("active").GetBoolean().ShouldBeFalse();
        (await admin.GetAsync(V1 + "/teams", 200)).EnumerateArray().Select(t => t.GetProperty("name").GetString()).ShouldBe(["billing", "search"]);

        await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{id}", 204);
        await admin.GetAsync($"{V1}/teams/{id}", 404);
        await admin.PutAsync($"{V1}/teams/{id}", "{}", 404);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{id}", 404);
        (await admin.GetAsync(V1 + "/audit?limit=10", 200)).EnumerateArray().Select(a => a.GetProperty("action").GetString())
            .Where(a => a!.StartsWith("team.", StringComparison.Ordinal)).ShouldBe(["team.delete", "team.update", "team.create", "team.create"]);
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"t","owners":[""]}""", "owners")]
    [InlineData("""{"name":"t","owners":[null]}""", "owners")]
    [InlineData("""{"name":"t","allowed_models":["  "]}""", "allowed_models")]
    [InlineData("""{"name":"t","budget":5}""", "budget")]
    public async Task Teams_WrongValues_AreProblemsWithAPath(string body, string path)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (await admin.PostAsync(V1 + "/teams", body, 400)).Paths().ShouldBe([path]);
        (await admin.GetAsync(V1 + "/teams", 200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Teams_ReferredTo_AreNotDeleted()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string team = (await admin.PostAsync(V1 + "/teams", """{"name":"search"}""")).Id();
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"k","team":"search"}""")).GetProperty("api_key").Id();
        JsonElement refused = await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{team}", 409);
        refused.Paths().ShouldBe(["keys[k].team"]);
        refused.GetProperty("errors")[0].GetProperty("message").GetString()!.ShouldContain("still refers to it");
        await admin.PutAsync($"{V1}/keys/{key}", """{"team":null}""");

        await admin.PutAsync($"{V1}/limits/team/search", """{"rpm_limit":10}""");
        (await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{team}", 409)).Paths().ShouldHaveSingleItem().ShouldStartWith("limits[team/");
        await admin.PutAsync($"{V1}/limits/team/{team}", """{"rpm_limit":0}""");

        string budget = (await admin.PostAsync(V1 + "/budgets", """{"name":"b","scope":"team","of":"search","amount_usd":"5"}""")).Id();
        (await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{team}", 409)).Paths().ShouldBe(["budgets[b]"]);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/budgets/{budget}", 204);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{team}", 204);
    }

    [Fact]
    public async Task Keys_RevokedOnes_DoNotHoldATeam()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string team = (await admin.PostAsync(V1 + "/teams", """{"name":"search"}""")).Id();
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"k","team":"search"}""")).GetProperty("api_key").Id();
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{key}", 204);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{team}", 204);
        (await admin.GetAsync($"{V1}/keys/{key}", 200)).GetProperty("team").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Keys_TeamOwnerParallel_AreKeptAndListed()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string team = (await admin.PostAsync(V1 + "/teams", """{"name":"search"}""")).Id();
        JsonElement view = (await admin.PostAsync(V1 + "/keys", """{"name":"k","team":"search","owner":"ada@example.com","max_parallel":3}""")).GetProperty("api_key");
        view.GetProperty("team").GetString().ShouldBe("search");
        view.GetProperty("team_id").GetString().ShouldBe(team);
        view.GetProperty("owner").GetString().ShouldBe("ada@example.com");
        view.GetProperty("max_parallel").GetInt32().ShouldBe(3);
        (await admin.GetAsync($"{V1}/teams/{team}", 200)).GetProperty("keys").GetInt32().ShouldBe(1);

        await admin.PutAsync($"{V1}/teams/{team}", """{"name":"finders"}""");
        JsonElement listed = (await admin.GetAsync(V1 + "/keys", 200)).EnumerateArray().Single(k => k.Id() == view.Id());
        listed.GetProperty("team").GetString().ShouldBe("finders", "a key follows its team's name");
        JsonElement moved = await admin.PutAsync($"{V1}/keys/{view.Id()}", $$"""{"team":"{{team}}","owner":null,"max_parallel":null}""");
        moved.GetProperty("team").GetString().ShouldBe("finders");
        moved.GetProperty("owner").ValueKind.ShouldBe(JsonValueKind.Null);
        moved.GetProperty("max_parallel").ValueKind.ShouldBe(JsonValueKind.Null);

        (await admin.PostAsync(V1 + "/keys", """{"name":"l","team":"nobody"}""", 400)).Paths().ShouldBe(["team"]);
        (await admin.PutAsync($"{V1}/keys/{view.Id()}", """{"team":"nobody"}""", 400)).Paths().ShouldBe(["team"]);
        (await admin.PostAsync(V1 + "/keys", """{"name":"l","max_parallel":-1}""", 400)).Paths().ShouldBe(["keys[l].max_parallel"]);
        (await admin.GetAsync($"{V1}/keys/{view.Id()}", 200)).GetProperty("team").GetString().ShouldBe("finders");
    }

    [Fact]
    public async Task Keys_DefaultProvider_NamesAProviderAndFollowsItsName()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string provider = (await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated"}""")).Id();
        (await admin.PostAsync(V1 + "/keys", """{"name":"k","default_provider":"nobody"}""", 400)).Paths().ShouldBe(["default_provider"]);
        JsonElement key = (await admin.PostAsync(V1 + "/keys", """{"name":"k","default_provider":"sim"}""")).GetProperty("api_key");
        key.GetProperty("default_provider").GetString().ShouldBe("sim");
        await admin.PutAsync($"{V1}/providers/{provider}", """{"name":"renamed"}""");
        (await admin.GetAsync($"{V1}/keys/{key.Id()}", 200)).GetProperty("default_provider").GetString().ShouldBe("renamed");
        (await admin.SendAsync(HttpMethod.Delete, $"{V1}/providers/{provider}", 409)).Paths().ShouldBe(["keys[k].default_provider"]);
        (await admin.PutAsync($"{V1}/keys/{key.Id()}", """{"default_provider":null}""")).GetProperty("default_provider").ValueKind.ShouldBe(JsonValueKind.Null);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/providers/{provider}", 204);
    }

    [Fact]
    public async Task Calls_OfATeamsKey_AreUnderTheTeam()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""");
        await admin.PostAsync(V1 + "/models", """{"name":"chat","aliases":["talk"],"backends":[{"provider":"sim"}]}""");
        await admin.PostAsync(V1 + "/models", """{"name":"draw","backends":[{"provider":"sim"}]}""");
        string team = (await admin.PostAsync(V1 + "/teams", """{"name":"search","allowed_models":["chat"]}""")).Id();
        JsonElement issued = await admin.PostAsync(V1 + "/keys", """{"name":"k","team":"search"}""");
        string key = issued.GetProperty("key").GetString()!;
        (await admin.ChatAsync(key, "chat")).ShouldBe(200);
        (await admin.ChatAsync(key, "draw")).ShouldBe(404, "the team may not");
        await admin.PutAsync($"{V1}/keys/{issued.GetProperty("api_key").Id()}", """{"allowed_models":["draw"]}""");
        (await admin.ChatAsync(key, "draw")).ShouldBe(404, "a key's own list does not widen its team's");
        (await admin.ChatAsync(key, "chat")).ShouldBe(404);
        await admin.PutAsync($"{V1}/teams/{team}", """{"allowed_models":[]}""");
        (await admin.ChatAsync(key, "draw")).ShouldBe(200);

        await admin.PutAsync($"{V1}/teams/{team}", """{"active":false}""");
        (await admin.ChatAsync(key, "draw")).ShouldBe(401);
        await admin.PutAsync($"{V1}/teams/{team}", """{"active":true}""");
        await admin.PutAsync($"{V1}/limits/team/search", """{"rpm_limit":1}""");
        string second = (await admin.PostAsync(V1 + "/keys", """{"name":"l","team":"search"}""")).GetProperty("key").GetString()!;
        (await admin.ChatAsync(second, "chat")).ShouldBe(200);
        (await admin.ChatAsync(key, "draw")).ShouldBe(429, "the keys of a team share its limit");
    }

    [Fact]
    public async Task FileEntries_AreReadOnlyHere()
    {
        await using var product = new TestProduct();
        string file = Path.Combine(product.DataDirectory, "gateway.yaml");
        await File.WriteAllTextAsync(file, """
            teams: [{name: filed, owners: [ada@example.com]}]
            limits: [{scope: team, of: filed, rpm_limit: 7}]
            budgets: [{name: filed-budget, scope: team, of: filed, amount_usd: 5}]
            keys: [{name: filed-key, key: sk-of-the-filed-team, team: filed}]
            """, TestContext.Current.CancellationToken);
        product.Settings["Gateway:ConfigFile"] = file;
        HttpClient admin = await product.StartAsync();
        JsonElement team = (await admin.GetAsync(V1 + "/teams", 200)).EnumerateArray().Single();
        (team.GetProperty("source").GetString(), team.GetProperty("keys").GetInt32()).ShouldBe(("file", 1));
        JsonElement budget = (await admin.GetAsync(V1 + "/budgets", 200)).EnumerateArray().Single();
        budget.GetProperty("of_name").GetString().ShouldBe("filed");
        await admin.PutAsync($"{V1}/teams/{team.Id()}", """{"active":false}""", 409);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/teams/{team.Id()}", 409);
        await admin.PostAsync(V1 + "/teams", """{"name":"filed"}""", 409);
        await admin.PutAsync($"{V1}/limits/team/filed", """{"rpm_limit":8}""", 409);
        await admin.PutAsync($"{V1}/budgets/{budget.Id()}", """{"amount_usd":"6"}""", 409);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/budgets/{budget.Id()}", 409);

        JsonElement joined = (await admin.PostAsync(V1 + "/keys", """{"name":"of-the-database","team":"filed"}""")).GetProperty("api_key");
        joined.GetProperty("team").GetString().ShouldBe("filed");
        (await admin.GetAsync(V1 + "/keys", 200)).EnumerateArray().Single(k => k.GetProperty("name").GetString() == "filed-key").GetProperty("team_id").GetString().ShouldBe(team.Id());
    }
}
