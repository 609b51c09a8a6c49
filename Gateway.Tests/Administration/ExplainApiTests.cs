using System.Text.Json;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>Which backend would serve a call, before it is made.</summary>
public sealed class ExplainApiTests
{
    private const string V1 = "/admin/v1";

    [Fact]
    public async Task Explain_SaysWhatServesAndWhyTheOthersDoNot()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin);

        JsonElement all = await admin.GetAsync($"{V1}/explain?model=m&key_id={key}", 200);

        all.GetProperty("refused").ValueKind.ShouldBe(JsonValueKind.Null);
        JsonElement step = all.GetProperty("steps").EnumerateArray().ShouldHaveSingleItem();
        step.GetProperty("step").GetInt32().ShouldBe(1);
        step.GetProperty("policy").GetString().ShouldBe("weighted");
        JsonElement[] backends = [.. step.GetProperty("backends").EnumerateArray()];
        backends.Select(b => $"{b.GetProperty("provider").GetString()} {b.GetProperty("taken").GetBoolean()}").ShouldBe(["first True", "second False", "drained False"], ignoreOrder: true);
        backends.Single(b => b.GetProperty("provider").GetString() == "drained").GetProperty("why").GetString()!.ShouldContain("drained");
        backends.Single(b => b.GetProperty("provider").GetString() == "second").GetProperty("why").GetString()!.ShouldContain("a better priority serves");
        all.GetProperty("serves").GetString().ShouldBe(backends.Single(b => b.GetProperty("taken").GetBoolean()).GetProperty("backend_id").GetString());

        JsonElement pinned = await admin.GetAsync($"{V1}/explain?model=m&provider=second", 200);
        pinned.GetProperty("reason").GetString()!.ShouldContain("pins the provider second");
        pinned.GetProperty("steps")[0].GetProperty("backends").EnumerateArray().ShouldHaveSingleItem();

        JsonElement chain = await admin.GetAsync($"{V1}/explain?model=m&route=chain", 200);
        chain.GetProperty("route").GetString().ShouldBe("chain");
        chain.GetProperty("steps").GetArrayLength().ShouldBe(2);
        chain.GetProperty("steps")[0].GetProperty("backends")[0].GetProperty("taken").GetBoolean().ShouldBeFalse();
        chain.GetProperty("serves").GetString().ShouldBe(chain.GetProperty("steps")[1].GetProperty("backends")[0].GetProperty("backend_id").GetString());
    }

    [Fact]
    public async Task Explain_WhatWouldBeRefused_SaysWhatTheClientIsTold()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string narrow = (await admin.PostAsync(V1 + "/keys", """{"name":"narrow","allowed_models":["other*"],"allow_routing":false}""")).GetProperty("api_key").Id();
        await SetUpAsync(admin);

        JsonElement refused = (await admin.GetAsync($"{V1}/explain?model=m&key_id={narrow}", 200)).GetProperty("refused");
        refused.GetProperty("status").GetInt32().ShouldBe(404);
        refused.GetProperty("code").GetString().ShouldBe("model_not_found");
        (await admin.GetAsync($"{V1}/explain?model=m&route=none", 200)).GetProperty("refused").GetProperty("code").GetString().ShouldBe("route_not_found");

        (await admin.GetAsync(V1 + "/explain", 400)).Paths().ShouldBe(["model"]);
        (await admin.GetAsync(V1 + "/explain?model=m&key_id=nobody", 400)).Paths().ShouldBe(["key_id"]);
    }

    [Fact]
    public async Task Explain_ForAKeyThatMayNotChoose_SaysThatTheRouteIsIgnored()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SetUpAsync(admin);
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"fixed","allow_routing":false}""")).GetProperty("api_key").Id();

        JsonElement answer = await admin.GetAsync($"{V1}/explain?model=m&route=chain&key_id={key}", 200);

        answer.GetProperty("route").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.GetProperty("reason").GetString()!.ShouldContain("ignored");
    }

    private static async Task<string> SetUpAsync(HttpClient admin)
    {
        foreach (string provider in (string[])["first", "second", "drained"])
        {
            string draining = provider == "drained" ? "true" : "false";
            await admin.PostAsync(V1 + "/providers", $$"""{"name":"{{provider}}","kind":"openai-compatible","base_url":"http://127.0.0.1:9/v1","draining":{{draining}}}""");
        }
        await admin.PostAsync(V1 + "/models", """
            {"name":"m","backends":[{"provider":"first"},{"provider":"second","priority":2},{"provider":"drained"}]}
            """);
        await admin.PostAsync(V1 + "/routes", """{"name":"chain","steps":[{"provider":"drained"},{"provider":"second"}]}""");
        return (await admin.PostAsync(V1 + "/keys", """{"name":"k"}""")).GetProperty("api_key").Id();
    }
}
