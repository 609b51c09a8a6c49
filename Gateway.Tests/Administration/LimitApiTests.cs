using System.Text.Json;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Limits of teams, models, providers and the gateway over the admin API.</summary>
public class LimitApiTests
{
    private const string Limits = "/admin/v1/limits";

    [Fact]
    public async Task Limits_SetOnEveryScope_AreListedAndZeroTakesAway()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string model = (await admin.PostAsync("/admin/v1/models", """{"name":"chat"}""")).Id();
        await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated"}""");
        await admin.PostAsync("/admin/v1/teams", """{"name":"search"}""");

        JsonElement gateway = await admin.PutAsync(Limits + "/gateway", """{"rpm_limit":1000,"tpm_limit":2000000,"max_parallel":50}""");
        (gateway.GetProperty("scope").GetString(), gateway.GetProperty("of").GetString()).ShouldBe(("gateway", ""));
        (await admin.PutAsync(Limits + "/model/chat", """{"max_parallel":4}""")).GetProperty("of").GetString().ShouldBe(model);
        (await admin.PutAsync($"{Limits}/model/{model}", """{"rpm_limit":60}""")).GetProperty("max_parallel").GetInt32().ShouldBe(4, "fields left out stay");
        await admin.PutAsync(Limits + "/provider/sim", """{"tpm_limit":9}""");
        await admin.PutAsync(Limits + "/team/search", """{"rpm_limit":5}""");
        (await admin.GetAsync(Limits, 200)).EnumerateArray().Select(l => $"{l.GetProperty("scope")} {l.GetProperty("name")} {l.GetProperty("rpm_limit")}/{l.GetProperty("tpm_limit")}/{l.GetProperty("max_parallel")}")
            .ShouldBe(["gateway the whole gateway 1000/2000000/50", "model chat 60/0/4", "provider sim 0/9/0", "team search 5/0/0"]);

        await admin.PutAsync(Limits + "/gateway", """{"rpm_limit":0,"tpm_limit":null}""");
        (await admin.GetAsync(Limits, 200)).GetArrayLength().ShouldBe(4, "one limit is left");
        await admin.PutAsync(Limits + "/gateway", """{"max_parallel":0}""");
        (await admin.GetAsync(Limits, 200)).EnumerateArray().Select(l => l.GetProperty("scope").GetString()).ShouldBe(["model", "provider", "team"]);
        await admin.PutAsync(Limits + "/gateway", "{}");
        (await admin.GetAsync(Limits, 200)).GetArrayLength().ShouldBe(3);
    }

    [Theory]
    [InlineData("key/k", """{"rpm_limit":1}""", 400)]
    [InlineData("planet/mars", """{"rpm_limit":1}""", 400)]
    [InlineData("team/nobody", """{"rpm_limit":1}""", 404)]
    [InlineData("model/nothing", """{"rpm_limit":1}""", 404)]
    [InlineData("gateway", """{"rpm_limit":-1}""", 400)]
    [InlineData("gateway", """{"rpm_limit":"many"}""", 400)]
    [InlineData("gateway", """{"rpm":1}""", 400)]
    public async Task Limits_WrongScopeOrValue_AreRefused(string scope, string body, int status)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PutAsync($"{Limits}/{scope}", body, status);
        (await admin.GetAsync(Limits, 200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Limits_ThatAreNone_AreNamedAsTheApiNamesThem()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        const string Body = """{"rpm_limit":-1,"tpm_limit":-1,"max_parallel":-1}""";
        (await admin.PutAsync(Limits + "/gateway", Body, 400)).Paths().ShouldBe(["limits[gateway/].rpm_limit", "limits[gateway/].tpm_limit", "limits[gateway/].max_parallel"]);
        (await admin.PostAsync("/admin/v1/keys", """{"name":"k","rpm_limit":-1,"tpm_limit":-1,"max_parallel":-1}""", 400)).Paths().ShouldBe(["keys[k].rpm_limit", "keys[k].tpm_limit", "keys[k].max_parallel"]);
    }

    [Fact]
    public async Task Limits_OfTheGateway_HoldForEveryKey()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""");
        await admin.PostAsync("/admin/v1/models", """{"name":"chat","backends":[{"provider":"sim"}]}""");
        await admin.PostAsync("/admin/v1/models", """{"name":"other","backends":[{"provider":"sim"}]}""");
        string one = (await admin.PostAsync("/admin/v1/keys", """{"name":"one"}""")).GetProperty("key").GetString()!;
        string two = (await admin.PostAsync("/admin/v1/keys", """{"name":"two"}""")).GetProperty("key").GetString()!;
        await admin.PutAsync(Limits + "/model/chat", """{"rpm_limit":1}""");
        (await admin.ChatAsync(one, "chat")).ShouldBe(200);
        (await admin.ChatAsync(two, "chat")).ShouldBe(429);
        (await admin.ChatAsync(two, "other")).ShouldBe(200);
        await admin.PutAsync(Limits + "/gateway", """{"rpm_limit":1}""");
        (await admin.ChatAsync(one, "other")).ShouldBe(200);
        (await admin.ChatAsync(two, "other")).ShouldBe(429);
        await admin.PutAsync(Limits + "/gateway", """{"rpm_limit":0}""");
        (await admin.ChatAsync(two, "other")).ShouldBe(200);
    }

    [Theory]
    [InlineData("providers")]
    [InlineData("models")]
    public async Task Entries_WithALimit_AreNotDeleted(string list)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string id = (await admin.PostAsync($"/admin/v1/{list}", list == "models" ? """{"name":"it"}""" : """{"name":"it","kind":"simulated"}""")).Id();
        await admin.PutAsync($"{Limits}/{list.TrimEnd('s')}/it", """{"rpm_limit":1}""");
        await admin.PutAsync($"/admin/v1/{list}/{id}", """{"name":"renamed"}""");
        (await admin.GetAsync(Limits, 200))[0].GetProperty("name").GetString().ShouldBe("renamed");
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/{list}/{id}", 409);
        await admin.PutAsync($"{Limits}/{list.TrimEnd('s')}/{id}", """{"rpm_limit":0}""");
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/{list}/{id}", 204);
    }
}
