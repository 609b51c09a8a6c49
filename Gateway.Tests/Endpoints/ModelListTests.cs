using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Providers;
using Gateway.Tests.Hosting;
using Gateway.Web.Calls;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

/// <summary>Lists of models: what may be called, in the shape of the client's API.</summary>
public sealed class ModelListTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/models", "data", "id", "gpt")]
    [InlineData("/v1beta/models", "models", "name", "models/gpt")]
    public async Task List_WithAllowedModels_NamesOnlyWhatCanBeCalled(string path, string list, string name, string expected)
    {
        await using TestGateway gateway = await StartAsync(new GatewayOptions { AllowedModels = ["gpt"] });

        JsonElement models = await GetAsync(gateway, path);

        models.GetProperty(list).EnumerateArray().Select(m => m.GetProperty(name).GetString()).ShouldBe([expected]);
        (await gateway.Client.GetAsync(path + "/claude", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task List_ForAnAnthropicClient_HasItsShape()
    {
        await using TestGateway gateway = await StartAsync(new GatewayOptions());
        gateway.Client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");

        JsonElement list = await GetAsync(gateway, "/v1/models");
        JsonElement one = await GetAsync(gateway, "/v1/models/sonnet");

        list.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()).ShouldBe(["claude", "sonnet", "gpt"]);
        (list.GetProperty("has_more").GetBoolean(), list.GetProperty("first_id").GetString(), list.GetProperty("last_id").GetString()).ShouldBe((false, "claude", "gpt"));
        foreach (JsonElement model in (JsonElement[])[.. list.GetProperty("data").EnumerateArray(), one])
        {
            model.GetProperty("type").GetString().ShouldBe("model");
            model.GetProperty("display_name").GetString().ShouldNotBeNullOrEmpty();
            model.GetProperty("created_at").GetDateTimeOffset();
        }
        (one.GetProperty("id").GetString(), one.GetProperty("display_name").GetString()).ShouldBe(("sonnet", "claude"));
    }

    [Theory]
    [InlineData("limit=2", "claude sonnet", true)]
    [InlineData("limit=2&after_id=sonnet", "gpt", false)]
    [InlineData("after_id=claude", "sonnet gpt", false)]
    [InlineData("limit=1&before_id=gpt", "sonnet", true)]
    [InlineData("limit=1&before_id=sonnet", "claude", false)]
    [InlineData("before_id=claude", "", false)]
    public async Task List_ForAnAnthropicClient_IsCutIntoPages(string query, string ids, bool more)
    {
        await using TestGateway gateway = await StartAsync(new GatewayOptions());
        gateway.Client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");

        JsonElement page = await GetAsync(gateway, "/v1/models?" + query);

        string[] expected = ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Names(page).ShouldBe(expected);
        page.GetProperty("has_more").GetBoolean().ShouldBe(more);
        (page.GetProperty("first_id").GetString(), page.GetProperty("last_id").GetString()).ShouldBe((expected.FirstOrDefault(), expected.LastOrDefault()));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("after_id=nobody", "after_id")]
    [InlineData("before_id=nobody", "before_id")]
    public async Task List_ForAnAnthropicClientThatAsksForNoPage_SaysWhatIsWrong(string query, string named)
    {
        await using TestGateway gateway = await StartAsync(new GatewayOptions());
        gateway.Client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/models?" + query, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        string body = await response.Content.ReadAsStringAsync(Cancel);
        body.ShouldStartWith("""{"type":"error",""");
        body.ShouldContain(named);
    }

    // With UPSTREAM_BASE_URL alone there is no model in the catalog, and all of the upstream's may be called.
    [Fact]
    public async Task List_WithADefaultProvider_NamesItsModels()
    {
        await using var upstream = ScriptedUpstream.Json("""{"object":"list","data":[{"id":"llama"},{"id":"qwen"},{"id":"m"}]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions { DefaultProvider = "provider-0" });

        Names(await GetAsync(gateway, "/v1/models")).ShouldBe(["m", "llama", "qwen"]);
        (await GetAsync(gateway, "/v1/models/qwen")).GetProperty("id").GetString().ShouldBe("qwen");
        (await gateway.Client.GetAsync("/v1/models/nobody", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        // Asked once for all of these.
        upstream.Seen.ShouldHaveSingleItem().Path.ShouldBe("/v1/models");
    }

    [Fact]
    public async Task List_OfNamesThatAreAllowed_AsksNobody()
    {
        await using var upstream = ScriptedUpstream.Json("""{"data":[{"id":"other"}]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(upstream.Url), new GatewayOptions { DefaultProvider = "provider-0", AllowedModels = ["llama", "m", "pass-through/provider-0"] });

        Names(await GetAsync(gateway, "/v1/models")).ShouldBe(["m", "llama"]);
        (await GetAsync(gateway, "/v1/models/llama")).GetProperty("object").GetString().ShouldBe("model");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task List_OfAPattern_HoldsWhatTheUpstreamHasOfIt()
    {
        await using var upstream = ScriptedUpstream.Json("""{"data":[{"id":"llama-3"},{"id":"qwen"}]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(upstream.Url), new GatewayOptions { DefaultProvider = "provider-0", AllowedModels = ["llama-*", "mine"] });

        Names(await GetAsync(gateway, "/v1/models")).ShouldBe(["mine", "llama-3"]);
    }

    [Fact]
    public async Task List_WhileTheDefaultProviderFails_HasWhatIsKnown()
    {
        await using var upstream = ScriptedUpstream.Json("{}", status: 503);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions { DefaultProvider = "provider-0" });

        Names(await GetAsync(gateway, "/v1/models")).ShouldBe(["m"]);
    }

    [Fact]
    public async Task Models_OfAProviderThatHasFallenSilent_AreThoseOfBeforeAtOnce()
    {
        var answers = new TaskCompletionSource();
        answers.SetResult();
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            await answers.Task.WaitAsync(c.Stop);
            await c.JsonAsync("""{"data":[{"id":"llama"}]}""");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions());
        var time = new LaterTime();
        var models = new UpstreamModels(gateway.Services.GetRequiredService<ProviderRegistry>(), time);
        Provider provider = gateway.Services.GetRequiredService<GatewayCatalog>().Current.Providers["provider-0"];
        (await models.OfAsync(provider, UpstreamModels.Patience, Cancel)).ShouldBe(["llama"]);

        answers = new TaskCompletionSource();
        time.Later = TimeSpan.FromMinutes(1);

        (await models.OfAsync(provider, TimeSpan.Zero, Cancel)).ShouldBe(["llama"]);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 2);
    }

    [Fact]
    public async Task Model_UnknownToAnAnthropicClient_Is404InItsEnvelope()
    {
        await using TestGateway gateway = await StartAsync(new GatewayOptions());
        gateway.Client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/models/nobody", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldStartWith("""{"type":"error",""");
    }

    private static IEnumerable<string?> Names(JsonElement list) => list.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString());

    private static Task<TestGateway> StartAsync(GatewayOptions options) => TestGateway.StartAsync(
        new CatalogDefinition
        {
            Models =
            [
                new ModelDefinition { Id = "g", Name = "gpt" },
                new ModelDefinition { Id = "c", Name = "claude", Aliases = ["sonnet"] },
            ],
        },
        options);

    private static async Task<JsonElement> GetAsync(TestGateway gateway, string path) =>
        JsonDocument.Parse(await gateway.Client.GetStringAsync(path, Cancel)).RootElement;
}
