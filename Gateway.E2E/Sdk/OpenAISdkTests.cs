using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text;
using Gateway.E2E.Hosting;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The official OpenAI SDK for .NET against the running product.</summary>
public sealed class OpenAISdkTests(OpenAISdkTests.Setup setup) : IClassFixture<OpenAISdkTests.Setup>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sim-chat")]
    [InlineData("stub-large")]
    public async Task CompleteChat_Plain_AnswersWithUsage(string model)
    {
        ChatCompletion answer = await Chat(model).CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")], cancellationToken: Token);
        answer.Content[0].Text.ShouldContain($"Hello from {model}");
        answer.Model.ShouldBe(model);
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Usage.TotalTokenCount.ShouldBe(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
        answer.Usage.OutputTokenCount.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("sim-chat")]
    [InlineData("stub-large")]
    public async Task CompleteChat_Streamed_ArrivesInPieces(string model)
    {
        var text = new StringBuilder();
        int pieces = 0;
        await foreach (StreamingChatCompletionUpdate update in Chat(model).CompleteChatStreamingAsync([ChatMessage.CreateUserMessage("Hello")], cancellationToken: Token))
        {
            update.Model.ShouldBe(model);
            foreach (ChatMessageContentPart part in update.ContentUpdate)
            {
                pieces++;
                text.Append(part.Text);
            }
        }
        pieces.ShouldBeGreaterThan(2);
        text.ToString().ShouldContain($"Hello from {model}");
    }

    [Fact]
    public async Task CompleteChat_WithATool_ReturnsTheCallAndSentTheDefinition()
    {
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("weather", "Weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}""")) },
        };
        ChatCompletion answer = await Chat("tools").CompleteChatAsync([ChatMessage.CreateUserMessage("Weather in Oslo?")], options, Token);
        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        answer.ToolCalls[0].FunctionName.ShouldBe("weather");
        answer.ToolCalls[0].FunctionArguments.ToString().ShouldBe("""{"city":"Oslo"}""");
        setup.Upstream.Requests.Last(r => r["model"]!.GetValue<string>() == "tools")["tools"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe("weather");
    }

    [Theory]
    [InlineData("sim-embedding")]
    [InlineData("stub-embed")]
    public async Task GenerateEmbedding_Plain_IsAVector(string model)
    {
        var client = new EmbeddingClient(model, new ApiKeyCredential(setup.Gateway.Key), Options());
        OpenAIEmbedding embedding = await client.GenerateEmbeddingAsync("some text", cancellationToken: Token);
        embedding.ToFloats().Length.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Models_List_HoldsWhatTheKeyMayUse()
    {
        OpenAIModelCollection models = await new OpenAIModelClient(new ApiKeyCredential(setup.Gateway.Key), Options()).GetModelsAsync(Token);
        models.Select(m => m.Id).ShouldContain("stub-large");
    }

    [Fact]
    public async Task CompleteChat_WithAnUnknownKey_RaisesTheTypedError()
    {
        var client = new ChatClient("sim-chat", new ApiKeyCredential("ml-unknown"), Options());
        ClientResultException error = await Should.ThrowAsync<ClientResultException>(() => client.CompleteChatAsync("Hello"));
        error.Status.ShouldBe(401);
        error.Message.ShouldContain("invalid_api_key");
    }

    [Fact]
    public async Task CompleteChat_WithAnUnknownModel_RaisesTheTypedError()
    {
        ClientResultException error = await Should.ThrowAsync<ClientResultException>(() => Chat("nobody").CompleteChatAsync("Hello"));
        error.Status.ShouldBe(404);
        error.Message.ShouldContain("model_not_found");
    }

    [Fact]
    public async Task CompleteChat_OverItsLimit_RaisesTheTypedErrorAndSaysWhenToComeBack()
    {
        string key = await setup.Gateway.CreateAsync("keys", new { name = "limited", rpm_limit = 1 }, "key");
        var client = new ChatClient("sim-chat", new ApiKeyCredential(key), Options());
        await client.CompleteChatAsync([ChatMessage.CreateUserMessage("Hello")], cancellationToken: Token);
        ClientResultException error = await Should.ThrowAsync<ClientResultException>(() => client.CompleteChatAsync("Hello"));
        error.Status.ShouldBe(429);
        error.Message.ShouldContain("rate_limit_exceeded");
        error.GetRawResponse()!.Headers.TryGetValue("retry-after", out string? seconds).ShouldBeTrue();
        int.Parse(seconds!, CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
    }

    [Fact]
    public async Task CompleteChat_UpstreamTooBusy_KeepsItsStatus()
    {
        ClientResultException error = await Should.ThrowAsync<ClientResultException>(() => Chat("too-busy").CompleteChatAsync("Hello"));
        error.Status.ShouldBe(429);
    }

    [Fact]
    public async Task CompleteChat_AbortedInTheStream_CancelsTheUpstream()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int pieces = 0;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate _ in Chat("endless").CompleteChatStreamingAsync([ChatMessage.CreateUserMessage("Go on")], cancellationToken: stop.Token))
            {
                if (++pieces == 5)
                {
                    await stop.CancelAsync();
                }
            }
        });
        await setup.Upstream.CallerGone.Task.WaitAsync(Eventually.Limit, Token);
    }

    private ChatClient Chat(string model) => new(model, new ApiKeyCredential(setup.Gateway.Key), Options());

    // The SDK's own retries would only hide what the gateway answered.
    private OpenAIClientOptions Options() => new() { Endpoint = new Uri($"{setup.Gateway.Url}/v1"), RetryPolicy = new ClientRetryPolicy(0) };

    /// <summary>A gateway that knows the scripted upstream's models.</summary>
    public sealed class Setup : IAsyncLifetime
    {
        public RunningGateway Gateway { get; } = new();
        public ScriptedUpstream Upstream { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Upstream.InitializeAsync();
            await Gateway.InitializeAsync();
            await Gateway.RegisterAsync(Upstream, "stub-large", "stub-embed", "tools", "too-busy", "endless");
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}
