using System.Text.Json;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>What the console's panels show of a key's policy and a backend's past, by the admin API.</summary>
public class PolicyAndTimelineApiTests
{
    private const string V1 = "/admin/v1";

    [Fact]
    public async Task Policy_OfAKey_PutsItsOwnItsTeamsAndTheGatewaysRulesTogether()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/models", """{"name":"alpha"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"beta"}""");
        string team = (await admin.PostAsync(V1 + "/teams", """{"name":"search","allowed_models":["alpha"]}""")).Id();
        string key = (await admin.PostAsync(V1 + "/keys", $$"""{"name":"k","team":"{{team}}","rpm_limit":7,"tpm_limit":0,"allowed_networks":["203.0.113.0/24"],"allowed_endpoints":["chat"]}""")).GetProperty("api_key").Id();
        await admin.PutAsync(V1 + "/limits/gateway", """{"max_parallel":3}""");
        await admin.PostAsync(V1 + "/budgets", """{"name":"money","scope":"team","of":"search","amount_usd":"9"}""");

        JsonElement policy = await admin.GetAsync($"{V1}/keys/{key}/policy", 200);

        policy.GetProperty("accepted").GetBoolean().ShouldBeTrue();
        policy.GetProperty("team").GetString().ShouldBe("search");
        policy.GetProperty("models").EnumerateArray().Select(m => m.GetString()).ShouldBe(["alpha"]);
        policy.GetProperty("networks").EnumerateArray().Select(n => n.GetString()).ShouldBe(["203.0.113.0/24"]);
        policy.GetProperty("endpoints").EnumerateArray().Select(n => n.GetString()).ShouldBe(["chat"]);
        policy.GetProperty("limits").EnumerateArray()
            .Select(l => $"{l.GetProperty("scope")} {l.GetProperty("rpm_limit")} {l.GetProperty("max_parallel")}").ShouldBe(["key 7 0", "gateway 0 3"]);
        policy.GetProperty("budgets")[0].GetProperty("remaining_usd").GetString().ShouldBe("9");
        await admin.PutAsync($"{V1}/teams/{team}", """{"active":false}""");
        (await admin.GetAsync($"{V1}/keys/{key}/policy", 200)).GetProperty("accepted").GetBoolean().ShouldBeFalse();
        await admin.GetAsync($"{V1}/keys/nobody/policy", 404);
    }

    [Fact]
    public async Task Timeline_OfABackend_IsWhatTheStripsShow()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated"}""");
        string backend = (await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"provider":"sim"},{"provider":"sim","upstream_model":"other"}]}""")).GetProperty("backends")[0].Id();

        (await admin.GetAsync(V1 + "/health/timeline", 200)).GetArrayLength().ShouldBe(2);
        JsonElement one = (await admin.GetAsync($"{V1}/health/timeline?backend={backend}", 200)).EnumerateArray().ShouldHaveSingleItem();

        one.GetProperty("backend").GetString().ShouldBe(backend);
        JsonElement[] spans = [.. one.GetProperty("spans").EnumerateArray()];
        spans[0].GetProperty("state").GetString().ShouldBe("unknown");
        for (int i = 1; i < spans.Length; i++)
        {
            spans[i].GetProperty("from").GetDateTimeOffset().ShouldBe(spans[i - 1].GetProperty("to").GetDateTimeOffset());
        }
        await admin.GetAsync(V1 + "/health/timeline?backend=nobody", 404);
        await admin.GetAsync(V1 + "/health/timeline?from=yesterday", 400);
        await admin.GetAsync(V1 + "/health/timeline?from=2999-01-01T00:00:00Z", 400);
        // A day before the beginning of time was a 500.
        (await admin.GetAsync(V1 + "/health/timeline?from=0001-01-01T00:00:00Z", 200)).GetArrayLength().ShouldBe(2);
    }
}
