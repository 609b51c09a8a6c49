using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

public class HealthApiTests
{
    private const string V1 = "/admin/v1";

    [Fact]
    public async Task Health_DeadBackend_SaysSinceWhenAndWhy()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using var product = new TestProduct { Settings = { ["Gateway:Upstreams:MaxRetries"] = "0", ["Gateway:Upstreams:Breaker:OpenFor"] = "30s" } };
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, bad.Url, "\"draining\":false");

        for (int i = 0; i < 6; i++)
        {
            await ChatAsync(admin, key);
        }

        JsonElement backend = (await admin.GetAsync(V1 + "/health", 200))[0];
        backend.GetProperty("state").GetString().ShouldBe("failing");
        backend.GetProperty("breaker").GetString().ShouldBe("open");
        backend.GetProperty("model").GetString().ShouldBe("m");
        backend.GetProperty("failures_in_row").GetInt32().ShouldBe(5);
        backend.GetProperty("last_failure").GetProperty("kind").GetString().ShouldBe("upstream_server_error");
        backend.GetProperty("since").GetDateTimeOffset().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(-1));
        backend.GetProperty("retry_after_ms").GetInt64().ShouldBeInRange(1, 600_000);
        using HttpResponseMessage open = await admin.GetAsync("/upstream-health", TestContext.Current.CancellationToken);
        open.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await open.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("degraded");
    }

    [Fact]
    public async Task Backend_Drained_TakesNoCallsUntilItIsNot()
    {
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, good.Url, "\"draining\":true");
        JsonElement model = (await admin.GetAsync(V1 + "/models", 200))[0];

        (await ChatAsync(admin, key)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await admin.GetAsync(V1 + "/health", 200))[0].GetProperty("state").GetString().ShouldBe("draining");

        JsonElement changed = await admin.PutAsync($"{V1}/models/{model.Id()}/backends/{model.GetProperty("backends")[0].Id()}", """{"draining":false,"max_concurrency":7}""");
        changed.GetProperty("max_concurrency").GetInt32().ShouldBe(7);
        (await ChatAsync(admin, key)).ShouldBe(HttpStatusCode.OK);

        string provider = (await admin.GetAsync(V1 + "/providers", 200))[0].Id();
        await admin.PutAsync($"{V1}/providers/{provider}", """{"draining":true}""");
        (await ChatAsync(admin, key)).ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task RoutingPolicy_KnownOrNot_IsKeptOrRefused()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string id = (await admin.PostAsync(V1 + "/models", """{"name":"m","routing_policy":"Least-Busy","max_concurrency":9}""")).Id();

        JsonElement model = await admin.GetAsync($"{V1}/models/{id}", 200);
        model.GetProperty("routing_policy").GetString().ShouldBe("least-busy");
        model.GetProperty("max_concurrency").GetInt32().ShouldBe(9);
        await admin.SendAsync(HttpMethod.Put, $"{V1}/models/{id}", 400, """{"routing_policy":"by-mood"}""");
        await admin.SendAsync(HttpMethod.Put, $"{V1}/models/{id}", 400, """{"max_concurrency":0}""");
        await admin.PostAsync(V1 + "/routes", """{"name":"r","routing_policy":"cheapest","steps":[{"model":"m","warmup_wait_ms":30000}]}""");
        JsonElement route = (await admin.GetAsync(V1 + "/routes", 200))[0];
        route.GetProperty("routing_policy").GetString().ShouldBe("cheapest");
        route.GetProperty("steps")[0].GetProperty("warmup_wait_ms").GetInt64().ShouldBe(30000);
        product.Catalog.Current.Routes["r"].Steps[0].Policy.Name.ShouldBe("cheapest");
    }

    [Fact]
    public async Task Chaos_OnAndOff_HitsCallsAndStandsInTheAuditLog()
    {
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["Gateway:Upstreams:MaxRetries"] = "0" } };
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, good.Url, "\"draining\":false");

        string id = (await admin.PostAsync(V1 + "/chaos", """{"fault":"server_error","provider":"p","seconds":60}""")).Id();

        (await ChatAsync(admin, key)).ShouldBe(HttpStatusCode.BadGateway);
        JsonElement on = (await admin.GetAsync(V1 + "/chaos", 200)).EnumerateArray().Single();
        on.GetProperty("by").GetString().ShouldBe("admin-key");
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/chaos/{id}", 204);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/chaos/{id}", 404);
        (await ChatAsync(admin, key)).ShouldBe(HttpStatusCode.OK);
        (await admin.GetAsync(V1 + "/audit", 200)).EnumerateArray().Select(e => e.GetProperty("action").GetString()).Take(2).ShouldBe(["chaos.stop", "chaos.start"]);
    }

    [Theory]
    [InlineData("""{"fault":"meteor","provider":"p"}""")]
    [InlineData("""{"fault":"reset"}""")]
    [InlineData("""{"fault":"reset","provider":"nobody"}""")]
    [InlineData("""{"fault":"reset","provider":"p","rate":2}""")]
    [InlineData("""{"fault":"reset","provider":"p","seconds":3601}""")]
    [InlineData("""{"fault":"reset","provider":"p","keys":["nobody"]}""")]
    [InlineData("""{"fault":"reset","provider":"p","keys":[null]}""")]
    public async Task Chaos_WhatDoesNotFit_IsRefused(string body)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", """{"name":"p","kind":"simulated"}""");

        await admin.SendAsync(HttpMethod.Post, V1 + "/chaos", 400, body);

        (await admin.GetAsync(V1 + "/chaos", 200)).GetArrayLength().ShouldBe(0);
    }

    // Only operators may break things: no key of a client's does.
    [Fact]
    public async Task Chaos_WithAClientsKey_IsRefused()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"client"}""")).GetProperty("key").GetString()!;
        admin.DefaultRequestHeaders.Remove("X-Admin-Key");
        admin.DefaultRequestHeaders.Add("Authorization", "Bearer " + key);

        await admin.SendAsync(HttpMethod.Post, V1 + "/chaos", 401, """{"fault":"reset","provider":"p"}""");
        await admin.GetAsync(V1 + "/health", 401);
    }

    private static async Task<string> SetUpAsync(HttpClient admin, Uri upstream, string backend)
    {
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"p","base_url":"{{upstream}}"}""");
        await admin.PostAsync(V1 + "/models", $$"""{"name":"m","backends":[{"provider":"p",{{backend}}}]}""");
        return (await admin.PostAsync(V1 + "/keys", """{"name":"client"}""")).GetProperty("key").GetString()!;
    }

    private static async Task<HttpStatusCode> ChatAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "m", messages = new[] { new { role = "user", content = "hi" } } }),
            Headers = { { "Authorization", "Bearer " + key } },
        };
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
