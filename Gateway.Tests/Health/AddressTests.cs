using System.Net;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Health;

/// <summary>Servers that backends name by their address alone are looked after like registered ones.</summary>
public sealed class AddressTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Address_ThatFails_IsTakenOutAndTheOtherServes()
    {
        int health = 200;
        await using ScriptedUpstream ill = ScriptedUpstream.Start(c => c.Last!.Path == "/health" ? c.JsonAsync("{}", Volatile.Read(ref health)) : c.JsonAsync(Answers.Chat));
        await using ScriptedUpstream well = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["Gateway:HealthCheck:Interval"] = "1s" } };
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, ill.Url, well.Url);
        await Eventually.TrueAsync(() => ill.Seen.Any(r => r.Path == "/health") && well.Seen.Any(r => r.Path == "/health"));

        Volatile.Write(ref health, 503);
        await Eventually.TrueAsync(() => ProviderAt(product, ill.Url).State.Check.IsDown);
        int before = ill.Seen.Count(r => r.Method == "POST");
        for (int i = 0; i < 4; i++)
        {
            (await admin.ChatAsync(key, "m")).ShouldBe(200);
        }
        ill.Seen.Count(r => r.Method == "POST").ShouldBe(before);
        JsonElement seen = await ReadHealthAsync(admin, key);
        seen.GetProperty("status").GetString().ShouldBe("degraded");
        seen.GetProperty("providers").GetProperty(ill.Url.Authority).GetString().ShouldBe("failing");
        seen.GetProperty("providers").GetProperty(well.Url.Authority).GetString().ShouldBe("ok");

        Volatile.Write(ref health, 200);
        await Eventually.TrueAsync(() => !ProviderAt(product, ill.Url).State.Check.IsDown);
    }

    // Nobody said that there is such a path: whoever answers is there.
    [Theory]
    [InlineData(404, true)]
    [InlineData(405, true)]
    [InlineData(401, true)]
    [InlineData(501, true)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task Address_AnsweringTheCheck_IsWellUnlessItFailsItself(int status, bool well)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.Last!.Path == "/health" ? c.JsonAsync("{}", status) : c.JsonAsync(Answers.Chat));
        await using var product = new TestProduct();
        await SetUpAsync(await product.StartAsync(), upstream.Url);

        CheckStatus seen = ProviderAt(product, upstream.Url).State.Check;
        await Eventually.TrueAsync(() => seen.Last is not null);

        seen.Last!.Ok.ShouldBe(well);
        seen.IsDown.ShouldBe(!well);
    }

    [Fact]
    public async Task Address_WithChecksOff_IsNotAsked()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["Gateway:HealthCheck:Path"] = "off", ["Gateway:HealthCheck:Interval"] = "1s" } };
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, upstream.Url);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancel);

        upstream.Seen.ShouldBeEmpty();
        // Whether it is there is seen all the same by whoever asks, by a connection alone.
        (await ReadHealthAsync(admin, key)).GetProperty("providers").GetProperty(upstream.Url.Authority).GetString().ShouldBe("ok");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task UpstreamHealth_OfWhatWasNeverCalled_TriesToConnect()
    {
        await using var product = new TestProduct { Settings = { ["Gateway:HealthCheck:Path"] = "off" } };
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, new Uri("http://127.0.0.1:1/v1"));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/upstream-health") { Headers = { { "Authorization", "Bearer " + key } } };
        using HttpResponseMessage answer = await admin.SendAsync(request, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.Contains("X-Request-ID").ShouldBeTrue();
        JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("providers").GetProperty("127.0.0.1:1").GetString().ShouldBe("failing");
    }

    [Fact]
    public async Task Address_IsNamedByHostAndPort_AndCanBePinned()
    {
        await using ScriptedUpstream one = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream two = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["Gateway:HealthCheck:Path"] = "off" } };
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, one.Url, two.Url);

        for (int i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent($$"""{"model":"m","messages":[{"role":"user","content":"hi"}],"omni_provider":"{{two.Url.Authority}}"}""", System.Text.Encoding.UTF8, "application/json"),
                Headers = { { "Authorization", "Bearer " + key } },
            };
            using HttpResponseMessage answer = await admin.SendAsync(request, Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Headers.GetValues("x-gateway-provider").ShouldBe([two.Url.Authority]);
        }
        one.Seen.ShouldBeEmpty();
        two.Seen.Count.ShouldBe(3);
    }

    // A server of one's own is taken for a vLLM, whose streams count as they go; what is known by its host or port is what it is.
    [Theory]
    [InlineData("http://10.0.0.5:8000/v1", "vllm")]
    [InlineData("http://gpu:11434/v1", "ollama")]
    [InlineData("https://models.example.com/v1", null)]
    [InlineData("https://api.mistral.ai/v1", "mistral")]
    public void Address_HasTheProfileOfItsHost(string url, string? profile)
    {
        var definition = new CatalogDefinition { Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Url = url }] }] };

        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();

        snapshot!.Addresses.Values.ShouldHaveSingleItem().Profile?.Name.ShouldBe(profile);
        (snapshot.Addresses.Values.Single().Profile is null).ShouldBe(profile is null);
    }

    [Fact]
    public void Address_OfSeveralBackends_IsOneProviderWhoseStateLives()
    {
        CatalogDefinition Declared(int weight) => new()
        {
            Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [
                new BackendDefinition { Id = "a", Url = "http://gpu:8000/v1", Weight = weight },
                new BackendDefinition { Id = "b", Url = "http://gpu:8000/v1" },
                new BackendDefinition { Id = "c", Url = "http://gpu:8000/other/v1" },
            ] }],
        };
        CatalogSnapshot.Build(Declared(1), CatalogSnapshot.Empty, out CatalogSnapshot? first);
        CatalogSnapshot.Build(Declared(2), first!, out CatalogSnapshot? second);

        second!.Addresses.Keys.Order().ShouldBe(["gpu:8000", "gpu:8000/other/v1"]);
        second.Backends["a"].Provider.ShouldBeSameAs(second.Backends["b"].Provider);
        second.Backends["a"].Provider.State.ShouldBeSameAs(first!.Backends["a"].Provider.State);
    }

    private static Provider ProviderAt(TestProduct product, Uri url) => product.Catalog.Current.Addresses[url.Authority];

    private static async Task<JsonElement> ReadHealthAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/upstream-health") { Headers = { { "Authorization", "Bearer " + key } } };
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<string> SetUpAsync(HttpClient admin, params Uri[] urls)
    {
        string id = (await admin.PostAsync(V1 + "/models", """{"name":"m"}""")).Id();
        foreach (Uri url in urls)
        {
            await admin.PostAsync($"{V1}/models/{id}/backends", $$"""{"url":"{{url}}"}""");
        }
        return (await admin.PostAsync(V1 + "/keys", """{"name":"client"}""")).GetProperty("key").GetString()!;
    }
}
