using System.Net;
using Gateway.Core.Accounting;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

/// <summary>Clients of Azure OpenAI: the deployment is the model.</summary>
public sealed class AzureRoutesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"hello"}]}""", """{"model":"real-model","messages":[{"role":"user","content":"hello"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"hello"}],"model":"whatever"}""", """{"messages":[{"role":"user","content":"hello"}],"model":"real-model"}""")]
    public async Task Deployment_Chat_IsServedByTheModelOfThatName(string body, string seen)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        gateway.Client.DefaultRequestHeaders.Remove("Authorization");
        gateway.Client.DefaultRequestHeaders.Add("api-key", TestGateway.Key);

        using HttpResponseMessage response = await gateway.PostAsync(body, "/openai/deployments/m/chat/completions?api-version=2024-10-21");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(Answers.Chat.Replace("\"real-model\"", "\"m\"", StringComparison.Ordinal));
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldBe(seen);
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Model, record.RequestedModel).ShouldBe(("m", "m"));
    }

    [Fact]
    public async Task Deployment_Transcription_TakesAFormWithoutAModel()
    {
        await using var upstream = ScriptedUpstream.Json("""{"text":"hi"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.PostAsync(
            "/openai/deployments/m/audio/transcriptions?api-version=2024-10-21", Forms.Transcription(Forms.Noise(10), model: null), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldContain("name=\"model\"\r\n\r\nreal-model");
    }

    [Theory]
    [InlineData("/openai/v1/chat/completions", HttpStatusCode.OK)]
    [InlineData("/openai/deployments/nobody/chat/completions", HttpStatusCode.NotFound)]
    [InlineData("/openai/deployments/m/nonsense", HttpStatusCode.NotFound)]
    [InlineData("/openai/v1/nonsense", HttpStatusCode.NotFound)]
    public async Task Paths_OfAzure_AreServedOrTold(string path, HttpStatusCode expected)
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(), path);

        response.StatusCode.ShouldBe(expected);
    }
}
