using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

/// <summary>Path and headers of each adapter's requests, as an upstream sees them.</summary>
public class AdapterRequestTests
{
    [Theory]
    [InlineData(ProviderKind.OpenAI, Operation.ChatCompletions, "", "/v1/chat/completions")]
    [InlineData(ProviderKind.OpenAI, Operation.Responses, "", "/v1/responses")]
    [InlineData(ProviderKind.OpenAICompatible, Operation.Embeddings, "/some/base", "/some/base/embeddings")]
    [InlineData(ProviderKind.Anthropic, Operation.Messages, "", "/v1/messages")]
    [InlineData(ProviderKind.Anthropic, Operation.MessagesCountTokens, "/proxy/v1", "/proxy/v1/messages/count_tokens")]
    [InlineData(ProviderKind.Gemini, Operation.GenerateContent, "", "/v1beta/models/the-model:generateContent")]
    [InlineData(ProviderKind.Gemini, Operation.GeminiCountTokens, "", "/v1beta/models/the-model:countTokens")]
    [InlineData(ProviderKind.Gemini, Operation.EmbedContent, "", "/v1beta/models/the-model:embedContent")]
    [InlineData(ProviderKind.Gemini, Operation.BatchEmbedContents, "", "/v1beta/models/the-model:batchEmbedContents")]
    [InlineData(ProviderKind.Cohere, Operation.CohereChat, "", "/v2/chat")]
    [InlineData(ProviderKind.Cohere, Operation.CohereEmbed, "", "/v2/embed")]
    [InlineData(ProviderKind.Cohere, Operation.CohereRerank, "", "/v2/rerank")]
    [InlineData(ProviderKind.AzureOpenAI, Operation.ChatCompletions, "", "/openai/deployments/the-model/chat/completions?api-version=2024-10-21")]
    [InlineData(ProviderKind.AzureOpenAI, Operation.Responses, "", "/openai/v1/responses")]
    [InlineData(ProviderKind.AzureOpenAI, Operation.Responses, "/openai/v1", "/openai/v1/responses")]
    [InlineData(ProviderKind.AzureOpenAI, Operation.ChatCompletions, "/openai/v1", "/openai/v1/chat/completions")]
    public async Task Send_ByKind_GoesToThePathOfThatKind(ProviderKind kind, Operation operation, string baseUrl, string path) =>
        (await AdapterBench.SeenAsync(kind, operation, baseUrl)).Path.ShouldBe(path);

    [Fact]
    public async Task Send_AzureVersionWithResponses_CallsThemThere() =>
        (await AdapterBench.SeenAsync(ProviderKind.AzureOpenAI, Operation.Responses, settings: [("api_version", "2025-04-01-preview")]))
            .Path.ShouldBe("/openai/responses?api-version=2025-04-01-preview");

    [Fact]
    public async Task Send_GeminiStream_IsServerSentEvents() =>
        (await AdapterBench.SeenAsync(ProviderKind.Gemini, Operation.GenerateContent, stream: true)).Path.ShouldBe("/v1beta/models/the-model:streamGenerateContent?alt=sse");

    [Theory]
    [InlineData("tunedModels/mine", "/v1beta/tunedModels/mine:generateContent")]
    [InlineData("models/the-model", "/v1beta/models/the-model:generateContent")]
    [InlineData("a b?c", "/v1beta/models/a%20b%3Fc:generateContent")]
    public async Task Send_GeminiModel_StaysWithinItsSegments(string model, string path) =>
        (await AdapterBench.SeenAsync(ProviderKind.Gemini, Operation.GenerateContent, model: model)).Path.ShouldBe(path);

    [Fact]
    public async Task Send_GeminiKey_IsAHeaderAndNotInThePath()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(ProviderKind.Gemini, Operation.GenerateContent);

        seen.Headers["x-goog-api-key"].ShouldBe(AdapterBench.Secret);
        seen.Path.ShouldNotContain("key");
        seen.Headers.ContainsKey("Authorization").ShouldBeFalse();
    }

    [Fact]
    public async Task Send_Anthropic_HasKeyAndTheUsualVersion()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(ProviderKind.Anthropic, Operation.Messages);

        seen.Headers["x-api-key"].ShouldBe(AdapterBench.Secret);
        seen.Headers["anthropic-version"].ShouldBe("2023-06-01");
        seen.Headers.ContainsKey("Authorization").ShouldBeFalse();
        seen.Headers.ContainsKey("anthropic-beta").ShouldBeFalse();
    }

    [Fact]
    public async Task Send_AnthropicClientsOwnHeaders_Win()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(
            ProviderKind.Anthropic,
            Operation.Messages,
            settings: [("anthropic_version", "2023-01-01"), ("anthropic_beta", "b")],
            headers: [("anthropic-version", "2024-01-01"), ("anthropic-beta", "a")]);

        seen.Headers["anthropic-version"].ShouldBe("2024-01-01");
        seen.Headers["anthropic-beta"].ShouldBe("a, b");
    }

    [Theory]
    [InlineData(ProviderKind.OpenAI, Operation.ChatCompletions)]
    [InlineData(ProviderKind.OpenAICompatible, Operation.ChatCompletions)]
    [InlineData(ProviderKind.Cohere, Operation.CohereChat)]
    [InlineData(ProviderKind.Bedrock, Operation.Converse)]
    [InlineData(ProviderKind.Vertex, Operation.GenerateContent)]
    public async Task Send_ByKind_KeyIsABearerToken(ProviderKind kind, Operation operation)
    {
        (string, string)[] settings = kind switch
        {
            ProviderKind.Bedrock => [("region", "us-east-1")],
            ProviderKind.Vertex => [("project", "proj"), ("location", "us-central1")],
            _ => [],
        };

        (await AdapterBench.SeenAsync(kind, operation, settings: settings)).Headers["Authorization"].ShouldBe("Bearer " + AdapterBench.Secret);
    }

    [Fact]
    public async Task Send_AzureKey_IsApiKey()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(ProviderKind.AzureOpenAI, Operation.ChatCompletions);

        seen.Headers["api-key"].ShouldBe(AdapterBench.Secret);
        seen.Headers.ContainsKey("Authorization").ShouldBeFalse();
    }

    [Fact]
    public async Task Send_OpenAIOrganization_IsSent()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(ProviderKind.OpenAI, Operation.ChatCompletions, settings: [("organization", "org-1"), ("project", "proj-1")]);

        seen.Headers["OpenAI-Organization"].ShouldBe("org-1");
        seen.Headers["OpenAI-Project"].ShouldBe("proj-1");
    }

    [Fact]
    public async Task Send_CompatibleServerThatSpeaksMessages_GetsBothKindsOfKey()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(ProviderKind.OpenAICompatible, Operation.Messages, settings: [("wires", "chat,messages")]);

        seen.Path.ShouldBe("/v1/messages");
        seen.Headers["x-api-key"].ShouldBe(AdapterBench.Secret);
        seen.Headers["Authorization"].ShouldBe("Bearer " + AdapterBench.Secret);
        seen.Headers["anthropic-version"].ShouldBe("2023-06-01");
    }

    [Theory]
    [InlineData("gemini-2.5-flash", false, "/v1/projects/proj/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent")]
    [InlineData("gemini-2.5-flash", true, "/v1/projects/proj/locations/us-central1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse")]
    [InlineData("endpoints/123", false, "/v1/projects/proj/locations/us-central1/endpoints/123:generateContent")]
    public async Task Send_Vertex_NamesProjectAndLocation(string model, bool stream, string path) =>
        (await AdapterBench.SeenAsync(ProviderKind.Vertex, Operation.GenerateContent, stream: stream, model: model, settings: [("project", "proj"), ("location", "us-central1")]))
            .Path.ShouldBe(path);

    [Theory]
    [InlineData("anthropic.claude-3-haiku-20240307-v1:0", false, "/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse")]
    [InlineData("arn:aws:bedrock:us-east-1:123456789012:inference-profile/x", true, "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fx/converse-stream")]
    public async Task Send_Bedrock_ModelIsOneSegment(string model, bool stream, string path) =>
        (await AdapterBench.SeenAsync(ProviderKind.Bedrock, Operation.Converse, stream: stream, model: model, settings: [("region", "us-east-1")])).Path.ShouldBe(path);

    [Fact]
    public async Task Send_BedrockWithAwsKeys_IsSignedForWhatIsSent()
    {
        SeenRequest seen = await AdapterBench.SeenAsync(
            ProviderKind.Bedrock,
            Operation.Converse,
            model: "anthropic.claude-3-haiku-20240307-v1:0",
            secret: "AKIDEXAMPLE0123456:the/secret:the-token",
            settings: [("region", "eu-west-1")],
            time: new FixedTime(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));

        seen.Headers["X-Amz-Date"].ShouldBe("20260102T030405Z");
        seen.Headers["X-Amz-Security-Token"].ShouldBe("the-token");
        // What a server computes from the request that it got.
        string expected = Gateway.Providers.Bedrock.SigV4.Authorization(
            "POST",
            seen.Path,
            "",
            [
                new("content-type", seen.Headers["Content-Type"]),
                new("host", seen.Headers["Host"]),
                new("x-amz-date", seen.Headers["X-Amz-Date"]),
                new("x-amz-security-token", seen.Headers["X-Amz-Security-Token"]),
            ],
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(seen.Body))),
            new("AKIDEXAMPLE0123456", "the/secret", "the-token"),
            "eu-west-1",
            "bedrock",
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        seen.Headers["Authorization"].ShouldBe(expected);
        seen.Headers["Authorization"].ShouldContain("20260102/eu-west-1/bedrock/aws4_request");
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
