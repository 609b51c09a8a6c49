using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>The requests and answers that scripts written for the Go gateway rely on, and what is ours beyond them.</summary>
public class AdminApiTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_TheGoGatewaysStory_IsCompatible()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (await admin.GetAsync(V1 + "/models", 200)).GetArrayLength().ShouldBe(0);
        JsonElement created = await admin.PostAsync(V1 + "/models", """
            {"name":"llama-3","model_id":"meta-llama/Llama-3.1-70B-Instruct","active":true,
             "default_params":{"temperature":0.7,"max_tokens":4096},"reasoning_config":{"enabled":true},
             "transforms":{"system_prompt_prefix":"You are a helpful assistant."}}
            """);
        string id = created.Id();
        JsonElement backend = await admin.PostAsync($"{V1}/models/{id}/backends", """{"url":"http://vllm-host:8000","weight":1,"active":true}""");
        backend.GetProperty("url").GetString().ShouldBe("http://vllm-host:8000");

        JsonElement model = (await admin.GetAsync(V1 + "/models", 200))[0];
        model.GetProperty("name").GetString().ShouldBe("llama-3");
        model.GetProperty("default_params").GetRawText().ShouldBe("""{"temperature":0.7,"max_tokens":4096}""");
        model.GetProperty("reasoning_config").GetProperty("enabled").GetBoolean().ShouldBeTrue();
        model.GetProperty("transforms").GetProperty("system_prompt_prefix").GetString().ShouldBe("You are a helpful assistant.");
        model.GetProperty("backends")[0].Id().ShouldBe(backend.Id());

        JsonElement changed = await admin.PutAsync($"{V1}/models/{id}/backends/{backend.Id()}", """{"weight":5}""");
        (changed.GetProperty("weight").GetInt32(), changed.GetProperty("url").GetString()).ShouldBe((5, "http://vllm-host:8000"));
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/models/{id}/backends/{backend.Id()}", 204);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/models/{id}", 204);
        await admin.GetAsync($"{V1}/models/{id}", 404);
    }

    [Fact]
    public async Task Put_WithACondition_IsHeldToItOrRefused()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement model = await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"url":"http://host:8000"}]}""");
        string path = $"{V1}/models/{model.Id()}", read = $"\"if_updated_at\":{model.GetProperty("updated_at").GetRawText()}";
        await admin.PutAsync(path, $$"""{"description":"one",{{read}}}""");
        await admin.PutAsync(path, $$"""{"description":"two",{{read}}}""", 409);

        // What has no ETag never matches one.
        admin.DefaultRequestHeaders.Add("If-Match", "\"1\"");
        await admin.PostAsync($"{V1}/prices", """{"model":"x","input_per_million":"1"}""", 412);
        await admin.PutAsync(path, """{"description":"three"}""", 412);
        await admin.SendAsync(HttpMethod.Delete, path, 412);
        admin.DefaultRequestHeaders.Remove("If-Match");

        (await admin.GetAsync(path, 200)).GetProperty("description").GetString().ShouldBe("one");
    }

    // Whoever may see the tag must have nothing to try guesses of the secret on.
    [Fact]
    public void EntryTag_OfAProvider_SaysNothingOfItsSecrets()
    {
        static string? TagOf(string secret, string label = "c") => EntryTag.Of(new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", Credentials = [new CredentialDefinition { Id = "c", Label = label, Secret = secret }] }],
        }, "p");

        TagOf("one").ShouldNotBeNull().ShouldBe(TagOf("two"));
        TagOf("one").ShouldNotBe(TagOf("one", "other"));
    }

    [Theory]
    [InlineData("models", """{"name":"e"}""", """{"description":"d"}""")]
    [InlineData("providers", """{"name":"e","base_url":"http://host:1/v1","credentials":[{"label":"c","secret":"s-1234567890"}]}""", """{"draining":true}""")]
    [InlineData("routes", """{"name":"e","steps":[{"provider":"p"}]}""", """{"description":"d"}""")]
    [InlineData("keys", """{"name":"e"}""", """{"rpm_limit":5}""")]
    [InlineData("teams", """{"name":"e"}""", """{"owners":["o"]}""")]
    [InlineData("budgets", """{"name":"e","scope":"gateway","amount_usd":1}""", """{"amount_usd":2}""")]
    public async Task Put_IfMatch_HoldsForWhatWasReadAndNothingLater(string kind, string entry, string change)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync($"{V1}/providers", """{"name":"p","kind":"simulated"}""");
        JsonElement made = await admin.PostAsync($"{V1}/{kind}", entry);
        string path = $"{V1}/{kind}/{(kind == "keys" ? made.GetProperty("api_key") : made).Id()}";
        string read = await TagAsync();
        (await TagAsync()).ShouldBe(read);

        (await SendAsync(HttpMethod.Put, $"\"0\", {read}")).ShouldBe(HttpStatusCode.OK);
        (await SendAsync(HttpMethod.Put, read)).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await SendAsync(HttpMethod.Delete, read)).ShouldBe(HttpStatusCode.PreconditionFailed);

        string changed = await TagAsync();
        changed.ShouldNotBe(read);
        (await SendAsync(HttpMethod.Delete, changed)).ShouldBe(HttpStatusCode.NoContent);

        async Task<string> TagAsync()
        {
            using HttpResponseMessage answer = await admin.GetAsync(path, Cancel);
            return answer.Headers.ETag.ShouldNotBeNull().ToString();
        }

        async Task<HttpStatusCode> SendAsync(HttpMethod method, string tag)
        {
            using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Put ? new StringContent(change, Encoding.UTF8, "application/json") : null };
            request.Headers.TryAddWithoutValidation("If-Match", tag);
            using HttpResponseMessage answer = await admin.SendAsync(request, Cancel);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Update_FieldsLeftOutOrNull_KeepOrClear()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string id = (await admin.PostAsync(V1 + "/models", """{"name":"m","model_id":"real","description":"d","max_output_tokens":10,"default_params":{"top_p":1}}""")).Id();
        JsonElement changed = await admin.PutAsync($"{V1}/models/{id}", """{"description":null,"max_output_tokens":20}""");
        changed.GetProperty("description").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("max_output_tokens").GetInt32().ShouldBe(20);
        changed.GetProperty("model_id").GetString().ShouldBe("real");
        (await admin.PutAsync($"{V1}/models/{id}", """{"default_params":null}""")).GetProperty("default_params").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Keys_IssueUseRevoke_IsInForceAtOnce()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""");
        await admin.PostAsync(V1 + "/models", """{"name":"chat","backends":[{"provider":"sim"}]}""");
        JsonElement issued = await admin.PostAsync(V1 + "/keys", """
            {"name":"production-service","rpm_limit":120,"tpm_limit":500000,"allowed_models":["chat"],"expires_at":"2099-12-31T23:59:59Z"}
            """);
        string key = issued.GetProperty("key").GetString()!;
        JsonElement view = issued.GetProperty("api_key");
        key.ShouldStartWith("ml-");
        key.Length.ShouldBe(46);
        key.ShouldStartWith(view.GetProperty("key_prefix").GetString()!);
        view.GetProperty("rpm_limit").GetInt32().ShouldBe(120);
        view.GetProperty("allowed_models")[0].GetString().ShouldBe("chat");
        view.GetProperty("expires_at").GetString().ShouldBe("2099-12-31T23:59:59Z");
        (await admin.ChatAsync(key, "chat")).ShouldBe(200);

        (await admin.GetAsync($"{V1}/keys/{view.Id()}", 200)).TryGetProperty("key", out _).ShouldBeFalse();
        await admin.PutAsync($"{V1}/keys/{view.Id()}", """{"active":false}""");
        (await admin.ChatAsync(key, "chat")).ShouldBe(401);
        await admin.PutAsync($"{V1}/keys/{view.Id()}", """{"active":true,"allowed_models":["other*"]}""");
        (await admin.ChatAsync(key, "chat")).ShouldBe(404);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{view.Id()}", 204);
        (await admin.ChatAsync(key, "chat")).ShouldBe(401);
        (await admin.GetAsync($"{V1}/keys/{view.Id()}", 200)).GetProperty("active").GetBoolean().ShouldBeFalse();
        await admin.PutAsync($"{V1}/keys/{view.Id()}", """{"active":true}""", 409);
        await admin.PostAsync(V1 + "/keys", """{"name":"production-service"}""");
    }

    [Fact]
    public async Task Routes_FailoverDeclaredHere_Works()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string provider = (await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""")).Id();
        await admin.PostAsync(V1 + "/models", """{"name":"failing","backends":[{"provider":"sim"}]}""");
        string chat = (await admin.PostAsync(V1 + "/models", """{"name":"chat","backends":[{"provider":"sim"}]}""")).Id();
        await admin.PostAsync(V1 + "/routes", """{"name":"chain","steps":[{"model":"failing","retries":0},{"model":"chat"}],"retry_on":["server_error"]}""");
        await admin.PutAsync($"{V1}/models/{chat}", """{"default_route":"chain"}""");
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        (await admin.ChatAsync(key, "chat")).ShouldBe(200);
        (await admin.ChatAsync(key, "failing")).ShouldBe(502);

        JsonElement refused = await admin.SendAsync(HttpMethod.Delete, $"{V1}/providers/{provider}", 409);
        refused.Paths().ShouldBe(["models[chat].backends[0].provider", "models[failing].backends[0].provider"], ignoreOrder: true);
        await admin.PutAsync($"{V1}/providers/{provider}", """{"name":"renamed"}""");
        (await admin.GetAsync($"{V1}/models/{chat}", 200)).GetProperty("backends")[0].GetProperty("provider").GetString().ShouldBe("renamed");
        await admin.PutAsync($"{V1}/models/{chat}", """{"name":"talk"}""");
        (await admin.GetAsync(V1 + "/routes", 200))[0].GetProperty("steps")[1].GetProperty("model").GetString().ShouldBe("talk");
        (await admin.ChatAsync(key, "talk")).ShouldBe(200);
    }

    [Theory]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"name":"m","nope":1}""", "nope")]
    [InlineData("""{"name":"m","name":"n"}""", null)]
    [InlineData("""{"name":"m","transforms":{"prefix":"x"}}""", "transforms.prefix")]
    [InlineData("""{"name":"m","backends":[{"url":"http://a"},{"weight":"heavy"}]}""", "backends[1].weight")]
    [InlineData("""{"name":"m"} trailing""", null)]
    [InlineData("""{"name":"m",}""", null)]
    [InlineData("""{"name":"m" /* comment */}""", null)]
    [InlineData("[]", "")]
    [InlineData("null", null)]
    [InlineData("", null)]
    [InlineData("{\"name\":\"\\ud800\"}", null)]
    public async Task Create_BadJson_IsAProblemAndNot500(string body, string? path)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement problem = await admin.PostAsync(V1 + "/models", body, 400);
        problem.GetProperty("status").GetInt32().ShouldBe(400);
        if (path is not null)
        {
            problem.Paths().ShouldBe([path]);
        }
        problem.GetRawText().ShouldNotContain("System.");
    }

    [Fact]
    public async Task Create_SeveralThingsWrong_ListsAllWithTheirPaths()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement problem = await admin.PostAsync(V1 + "/models", """
            {"name":"m","default_params":{"stream":true},"max_output_tokens":0,
             "backends":[{"url":"http://169.254.169.254/"},{"provider":"nobody","weight":0},{"url":"http://a","provider":"b"}]}
            """, 400);
        problem.Paths().ShouldBe(
            ["max_output_tokens", "backends[2].provider", "models[m].backends[0].url", "models[m].backends[1].weight", "models[m].backends[1].provider", "models[m].backends[2].provider", "models[m].default_params.stream"],
            ignoreOrder: true);
        (await admin.GetAsync(V1 + "/models", 200)).GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("models", """{"name":"m","backends":[null]}""")]
    [InlineData("models", """{"name":"m","aliases":["a",null]}""")]
    [InlineData("models", """{"name":"m","description":"a\u0000b"}""")]
    [InlineData("models", """{"name":"m\u0000"}""")]
    [InlineData("models", """{"name":"m","max_output_tokens":99999999999}""")]
    [InlineData("models", """{"name":"m","default_params":[1]}""")]
    [InlineData("models", """{"name":"m","backends":[{"url":"http://user:pw@host"}]}""")]
    [InlineData("providers", """{"name":"p","base_url":"https://p","credentials":[null]}""")]
    [InlineData("providers", """{"name":"p","base_url":"https://p","credentials":[{"secret":"a\nb"}]}""")]
    [InlineData("providers", """{"name":"p","base_url":"https://p","settings":{"timeout_ms":[1]}}""")]
    [InlineData("providers", """{"name":"p","base_url":"https://p","settings":{"timeout_ms":0}}""")]
    [InlineData("providers", """{"name":"p","kind":"imaginary","base_url":"https://p"}""")]
    [InlineData("providers", """{"name":"p"}""")]
    [InlineData("routes", """{"name":"r","steps":[null]}""")]
    [InlineData("routes", """{"name":"r"}""")]
    [InlineData("routes", """{"name":"r","steps":[{}]}""")]
    [InlineData("routes", """{"name":"r","steps":[{"model":"m","backoff_ms":-1}]}""")]
    [InlineData("routes", """{"name":"r","steps":[{"model":"m","timeout_ms":9223372036854775807}]}""")]
    [InlineData("keys", """{"name":"k","allowed_models":[null]}""")]
    [InlineData("keys", """{"name":"k","rpm_limit":-1}""")]
    [InlineData("keys", """{"name":"k","rpm_limit":1.5}""")]
    [InlineData("keys", """{"name":"k","expires_at":"tomorrow"}""")]
    [InlineData("keys", """{"name":"k","expires_at":"2030-01-01"}""")]
    [InlineData("keys", """{}""")]
    [InlineData("prices", """{"model":"m","input_per_million":"a lot"}""")]
    [InlineData("prices", """{"model":"m","input_per_million":1e30}""")]
    [InlineData("prices", "{}")]
    public async Task Create_WrongValues_IsAProblemThatNamesAPath(string list, string body)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (await admin.PostAsync($"{V1}/{list}", body, 400)).Paths().ShouldNotBeEmpty();
        (await admin.GetAsync($"{V1}/{list}", 200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Errors_OfEveryKind_AreProblemDetails()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/models", """{"name":"m","aliases":["other"]}""");
        await admin.PostAsync(V1 + "/models", """{"name":"m"}""", 409);
        await admin.PostAsync(V1 + "/models", """{"name":"other"}""", 409);
        await admin.PutAsync(V1 + "/models/none", "{}", 404);
        await admin.GetAsync(V1 + "/nothing", 404);
        await admin.SendAsync(HttpMethod.Patch, V1 + "/models", 405);
        await admin.GetAsync(V1 + "/models?limit=0", 400);
        await admin.GetAsync(V1 + "/models?after=none", 400);
        using var text = new StringContent("name=m", System.Text.Encoding.UTF8, "text/plain");
        (await admin.PostAsync(V1 + "/models", text, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task List_WithLimit_PagesByLink()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            await admin.PostAsync(V1 + "/models", $$"""{"name":"m{{i}}"}""");
        }
        var names = new List<string>();
        for (string? next = V1 + "/models?limit=2"; next is not null;)
        {
            using HttpResponseMessage page = await admin.GetAsync(next, TestContext.Current.CancellationToken);
            JsonElement models = JsonElement.Parse(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            names.AddRange(models.EnumerateArray().Select(m => m.GetProperty("name").GetString()!));
            next = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }
        names.ShouldBe(["m0", "m1", "m2", "m3", "m4"]);
        (await admin.GetAsync(V1 + "/audit?limit=3", 200)).GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Authentication_OnlyTheAdminKeyOpens()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        admin.DefaultRequestHeaders.Remove("X-Admin-Key");
        await admin.GetAsync(V1 + "/models", 401);
        await admin.GetAsync(V1 + "/openapi.json", 401);
        admin.DefaultRequestHeaders.Add("X-Admin-Key", TestProduct.AdminKey + "x");
        await admin.GetAsync(V1 + "/models", 401);
        admin.DefaultRequestHeaders.Remove("X-Admin-Key");
        admin.DefaultRequestHeaders.Authorization = new("Bearer", key);
        await admin.GetAsync(V1 + "/models", 401);
        admin.DefaultRequestHeaders.Authorization = new("Bearer", TestProduct.AdminKey);
        await admin.GetAsync(V1 + "/models", 200);
        (await admin.ChatAsync(TestProduct.AdminKey, "m")).ShouldBe(401, "the admin key is no API key");
    }

    [Fact]
    public async Task Authentication_WithoutConfiguredKey_IsClosed()
    {
        await using var product = new TestProduct();
        product.Settings.Remove("Gateway:AdminKey");
        HttpClient admin = await product.StartAsync();
        await admin.GetAsync(V1 + "/models", 401);
        admin.DefaultRequestHeaders.Remove("X-Admin-Key");
        admin.DefaultRequestHeaders.Authorization = new("Bearer", "");
        await admin.GetAsync(V1 + "/models", 401);
    }

    [Fact]
    public async Task Document_IsOpenApi31_AndListsEveryOperation()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement document = await admin.GetAsync(V1 + "/openapi.json", 200);
        document.GetProperty("openapi").GetString().ShouldStartWith("3.1.");
        JsonElement paths = document.GetProperty("paths");
        foreach (string path in (string[])["models", "models/{id}/backends/{bid}", "providers/{id}/test", "routes/{id}", "keys", "prices", "audit"])
        {
            paths.TryGetProperty($"{V1}/{path}", out _).ShouldBeTrue(path);
        }
        document.GetProperty("components").GetProperty("schemas").GetProperty("KeyChange").GetProperty("properties").GetProperty("rpm_limit")
            .GetProperty("type").EnumerateArray().Select(t => t.GetString()).ShouldBe(["integer", "null"], ignoreOrder: true);
    }

    [Fact]
    public async Task ProviderPool_EachCredential_SaysHowItStands()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string id = (await admin.PostAsync(V1 + "/providers", """
            {"name":"p","base_url":"http://127.0.0.1:1","credentials":[{"label":"one","secret":"sk-1","rpm_limit":7,"tpm_limit":900},{"label":"two","secret":"sk-2"}]}
            """)).Id();

        JsonElement pool = await admin.GetAsync($"{V1}/providers/{id}/pool", 200);

        pool.GetArrayLength().ShouldBe(2);
        pool[0].GetProperty("label").GetString().ShouldBe("one");
        pool[0].GetProperty("available").GetBoolean().ShouldBeTrue();
        pool[0].GetProperty("in_flight").GetInt32().ShouldBe(0);
        pool[0].GetProperty("tokens_in_flight").GetInt64().ShouldBe(0);
        pool[0].GetProperty("requests_left").GetInt64().ShouldBe(7);
        pool[0].GetProperty("tokens_left").GetInt64().ShouldBe(900);
        pool[1].GetProperty("rpm_limit").ValueKind.ShouldBe(JsonValueKind.Null);
        pool.GetRawText().ShouldNotContain("sk-");
        await admin.GetAsync($"{V1}/providers/nobody/pool", 404);
        JsonElement bedrock = (await admin.GetAsync(V1 + "/providers/capabilities", 200)).EnumerateArray().Single(k => k.GetProperty("kind").GetString() == "bedrock");
        bedrock.GetProperty("capabilities").GetProperty("converse").GetString().ShouldBe("native");
        bedrock.GetProperty("capabilities").GetProperty("chat").GetString().ShouldBe("compatible");
    }

    [Fact]
    public async Task Prices_AreDecimalTexts()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement price = await admin.PostAsync(V1 + "/prices", """{"model":"x","input_per_million":"0.15","output_per_million":0.6,"effective_from":"2026-01-01T00:00:00Z"}""");
        price.GetProperty("input_per_million").GetString().ShouldBe("0.15");
        price.GetProperty("output_per_million").GetString().ShouldBe("0.6");
        price.GetProperty("cached_input_per_million").ValueKind.ShouldBe(JsonValueKind.Null);
        product.Catalog.Current.Definition.Prices.ShouldHaveSingleItem().Version.ShouldContain(price.Id());
        await admin.PostAsync(V1 + "/prices", """{"model":"x","effective_from":"2026-01-01T00:00:00Z"}""", 409);
        await admin.PostAsync(V1 + "/prices", """{"model":"y","input_per_million":"-1"}""", 400);
        JsonElement[] all = [.. (await admin.GetAsync(V1 + "/prices/all?limit=1000", 200)).EnumerateArray()];
        all.Single(e => e.GetProperty("price").GetProperty("model").GetString() == "x").GetProperty("state").GetString().ShouldBe("in_force");
        all.Count(e => e.GetProperty("built_in").GetBoolean()).ShouldBeGreaterThan(50);
        (await admin.GetAsync(V1 + "/prices/unknown", 200)).GetArrayLength().ShouldBe(0);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/prices/{price.Id()}", 204);
    }
}
