using System.Net;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Corpus;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>A client that speaks Chat reaches providers that do not, over real sockets.</summary>
public class TranslatedProvidersTests
{
    [Fact]
    public async Task Chat_StreamedFromBedrock_ArrivesAsChat()
    {
        RecordedExchange recorded = RecordedExchange.Read("bedrock.converse").First(e => e is { Stream: true, Status: 200 } && e.Tags.Contains("tool_call") && e.Headers.GetValueOrDefault("content-type") == "application/vnd.amazon.eventstream");
        await using var upstream = new ReplayUpstream { Current = recorded, PieceBytes = 7 };
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogOf(ProviderKind.Bedrock, upstream.Url, "AKIDEXAMPLE0123456:secret", ("region", "us-east-1")));

        HttpResponseMessage response = await gateway.ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string stream = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        IReadOnlyList<string> data = Answers.DataOf(stream);
        data[^1].ShouldBe("[DONE]");
        data.ShouldContain(d => d.Contains("\"finish_reason\":\"tool_calls\"", StringComparison.Ordinal));
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.Source.ShouldBe(UsageSource.Reported);
        JsonElement.Parse(upstream.Seen!).GetProperty("messages").GetRawText().ShouldBe("""[{"role":"user","content":[{"text":"hello"}]}]""");
    }

    [Fact]
    public async Task Chat_BedrockThrottlesBeforeAnyContent_IsALimitOfTheUpstream()
    {
        RecordedExchange recorded = RecordedExchange.Read("errors-observed").First(e => e.Id.Contains("bedrock-stream-throttled", StringComparison.Ordinal));
        await using var upstream = new ReplayUpstream { Current = recorded };
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogOf(ProviderKind.Bedrock, upstream.Url, "api-key", ("region", "us-east-1")));

        HttpResponseMessage response = await gateway.ChatAsync("\"stream\":true");

        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // The recording has no text before it breaks, or some: in either case nobody is told of a clean end.
        (response.StatusCode == HttpStatusCode.TooManyRequests || body.Contains("error", StringComparison.Ordinal)).ShouldBeTrue(body);
        body.ShouldNotContain("[DONE]");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_rate_limited");
    }

    // It was told as an answer that had come to its end.
    [Theory]
    [InlineData("ERROR")]
    [InlineData("TIMEOUT")]
    public async Task Chat_FromCohereThatFailedWithin200_IsAnError(string reason)
    {
        await using var upstream = ScriptedUpstream.Json($$"""{"id":"1","message":{"role":"assistant","content":[{"type":"text","text":"half"}]},"finish_reason":"{{reason}}"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogOf(ProviderKind.Cohere, upstream.Url, "key"));

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(""));

        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Chat_FromCohere_ArrivesAsChat()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            """{"id":"1","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Hello!"}]},"usage":{"tokens":{"input_tokens":5,"output_tokens":2},"cached_tokens":1}}""");
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogOf(ProviderKind.Cohere, upstream.Url, "key"));

        HttpResponseMessage response = await gateway.ChatAsync();

        JsonElement answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe("Hello!");
        answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32().ShouldBe(1);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Path.ShouldBe("/v2/chat");
        JsonElement.Parse(seen.Body).GetProperty("model").GetString().ShouldBe("real-model");
    }

    private static CatalogDefinition CatalogOf(ProviderKind kind, Uri url, string secret, params (string Name, string Value)[] settings)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return catalog with
        {
            Providers = [catalog.Providers[0] with
            {
                Kind = kind,
                BaseUrl = url.GetLeftPart(UriPartial.Authority),
                Settings = settings.ToDictionary(s => s.Name, s => s.Value),
                Credentials = [new CredentialDefinition { Id = "c", Label = "main", Secret = secret }],
            }],
        };
    }
}
