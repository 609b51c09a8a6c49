using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.PassThrough;

/// <summary>Anthropic's SDKs go to a batch's <c>results_url</c> with the key that they have, which is the gateway's.</summary>
public sealed class AnswerLinksTests
{
    private const string Batch = """{"id":"msgbatch_1","type":"message_batch","results_url":"https://api.anthropic.com/v1/messages/batches/msgbatch_1/results","ended_at":null}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/messages/batches/msgbatch_1", "v1/")]
    [InlineData("/providers/claude/messages/batches/msgbatch_1", "providers/claude/")]
    public async Task ResultsUrl_OfABatch_IsTheGateways(string path, string prefix)
    {
        await using var upstream = ScriptedUpstream.Json(Batch);
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url));

        JsonElement batch = JsonDocument.Parse(await gateway.Client.GetStringAsync(path, Cancel)).RootElement;

        batch.GetProperty("results_url").GetString().ShouldBe($"{gateway.Address}{prefix}messages/batches/msgbatch_1/results");
        batch.GetProperty("type").GetString().ShouldBe("message_batch");
        batch.GetProperty("ended_at").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task ResultsUrl_InAList_IsTheGateways()
    {
        await using var upstream = ScriptedUpstream.Json($$"""{"data":[{{Batch}},{"id":"msgbatch_2","results_url":null}],"has_more":false}""");
        await using TestGateway gateway = await TestGateway.StartAsync(Catalog(upstream.Url));

        JsonElement batches = JsonDocument.Parse(await gateway.Client.GetStringAsync("/v1/messages/batches", Cancel)).RootElement.GetProperty("data");

        batches[0].GetProperty("results_url").GetString().ShouldBe($"{gateway.Address}v1/messages/batches/msgbatch_1/results");
        batches[1].GetProperty("results_url").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    private static CatalogDefinition Catalog(Uri upstream) => new()
    {
        Providers =
        [
            new ProviderDefinition
            {
                Id = "a",
                Name = "claude",
                Kind = ProviderKind.Anthropic,
                BaseUrl = upstream.ToString(),
                Credentials = [new CredentialDefinition { Id = "c", Label = "main", Secret = "sk-1" }],
            },
        ],
    };
}
