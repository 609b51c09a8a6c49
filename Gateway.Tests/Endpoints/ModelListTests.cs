using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
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

    [Fact]
    public async Task Model_UnknownToAnAnthropicClient_Is404InItsEnvelope()
    {
        await using TestGateway gateway = await StartAsync(new GatewayOptions());
        gateway.Client.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/models/nobody", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldStartWith("""{"type":"error",""");
    }

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
