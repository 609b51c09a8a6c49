using System.Net;
using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models;
using Anthropic.Models.Messages;
using Gateway.E2E.Hosting;
using Gateway.E2E.Hosting.Stories;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>
/// The official Anthropic SDK for .NET, which checks every answer against its types, against the running product: behind an
/// upstream of its own wire, and behind one of OpenAI's; its tool loop behind Gemini too, which wants its signatures back.
/// </summary>
public sealed class AnthropicSdkTests(AnthropicSdkTests.Setup setup) : IClassFixture<AnthropicSdkTests.Setup>
{
    private static readonly JsonElement City = JsonElement.Parse("""{"city":{"type":"string"}}""");

    public static TheoryData<string> Upstreams => ["anthropic", "chat"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task Create_Plain_AnswersWithUsage(string upstream)
    {
        Message message = await Client().Messages.Create(Ask($"{upstream}-plain"), Token);
        message.Validate();
        TextOf(message).ShouldBe("Hello from the model.");
        message.Model.Raw().ShouldBe($"{upstream}-plain");
        message.StopReason!.Value().ShouldBe(StopReason.EndTurn);
        (message.Usage.InputTokens, message.Usage.CacheReadInputTokens, message.Usage.OutputTokens, message.Usage.OutputTokensDetails!.ThinkingTokens).ShouldBe((12L, 30L, 9L, 3L));
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task CreateStreaming_Plain_IsEveryEventInItsPlace(string upstream)
    {
        List<RawMessageStreamEvent> events = [];
        await foreach (RawMessageStreamEvent next in Client().Messages.CreateStreaming(Ask($"{upstream}-plain"), Token))
        {
            next.Validate();
            events.Add(next);
        }
        string.Join(' ', events.Select(e => e.Type.Raw())).ShouldBe(
            "message_start content_block_start content_block_delta content_block_delta content_block_stop message_delta message_stop");
        Message message = await Replay(events).Aggregate();
        TextOf(message).ShouldBe("Hello from the model.");
        events[^2].TryPickDelta(out RawMessageDeltaEvent? end).ShouldBeTrue();
        (end!.Usage.InputTokens, end.Usage.CacheReadInputTokens, end.Usage.OutputTokens).ShouldBe((12L, 30L, 9L));
    }

    [Theory]
    [InlineData("anthropic", false)]
    [InlineData("anthropic", true)]
    [InlineData("chat", false)]
    [InlineData("chat", true)]
    [InlineData("gemini", false)]
    [InlineData("gemini", true)]
    public async Task Create_ToolLoop_GoesOnFromItsOwnThoughts(string upstream, bool stream)
    {
        MessageCreateParams ask = Ask($"{upstream}-tools") with
        {
            Tools = [new Tool { Name = "weather", Description = "Weather of a city", InputSchema = new InputSchema { Properties = Members(City), Required = ["city"] } }],
            Thinking = new ThinkingConfigEnabled { BudgetTokens = 1024 },
        };
        Message first = await RunAsync(ask, stream);
        first.Content.Select(b => b.Type.Raw()).ShouldBe(["thinking", "tool_use", "tool_use"]);
        first.StopReason!.Value().ShouldBe(StopReason.ToolUse);
        List<ToolUseBlock> calls = [.. first.Content.Select(b => b.TryPickToolUse(out ToolUseBlock? call) ? call : null).OfType<ToolUseBlock>()];
        calls.Select(c => $"{c.Name} {c.Input["city"]}").ShouldBe(["weather Oslo", "weather Bergen"]);
        List<ContentBlockParam> results = [.. calls.Select(c => (ContentBlockParam)new ToolResultBlockParam(c.ID) { Content = c.Input["city"].GetString() == "Oslo" ? "7" : "9" })];

        Message second = await RunAsync(
            ask with
            {
                Messages =
                [
                    .. ask.Messages,
                    new AssistantMessageParam(first.Content.Select(b => new ContentBlockParam(b.Json)).ToList()),
                    new UserMessageParam(results),
                ],
            },
            stream);

        TextOf(second).ShouldBe("Oslo 7, Bergen 9.");
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task Create_WithASchema_AnswersInIt(string upstream)
    {
        Message message = await Client().Messages.Create(
            Ask($"{upstream}-json") with
            {
                OutputConfig = new OutputConfig
                {
                    Format = new JsonOutputFormat { Schema = Members(JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"},"degrees":{"type":"integer"}},"required":["city","degrees"],"additionalProperties":false}""")) },
                },
            },
            Token);
        JsonElement.Parse(TextOf(message)).GetProperty("degrees").GetInt32().ShouldBe(7);
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task Create_WithAnImage_IsSeen(string upstream)
    {
        List<ContentBlockParam> content =
        [
            new ImageBlockParam(new Base64ImageSource { Data = Story.Image, MediaType = MediaType.ImagePng }),
            new TextBlockParam("What is it?"),
        ];
        Message message = await Client().Messages.Create(Ask($"{upstream}-image") with { Messages = [new UserMessageParam(content)] }, Token);
        TextOf(message).ShouldBe("A red dot.");
    }

    [Theory]
    [InlineData("anthropic-bad", 400, typeof(AnthropicBadRequestException), ErrorType.InvalidRequestError)]
    [InlineData("chat-bad", 400, typeof(AnthropicBadRequestException), ErrorType.InvalidRequestError)]
    [InlineData("anthropic-missing", 404, typeof(AnthropicNotFoundException), ErrorType.NotFoundError)]
    [InlineData("chat-missing", 404, typeof(AnthropicNotFoundException), ErrorType.NotFoundError)]
    [InlineData("nobody", 404, typeof(AnthropicNotFoundException), ErrorType.NotFoundError)]
    [InlineData("anthropic-busy", 429, typeof(AnthropicRateLimitException), ErrorType.RateLimitError)]
    [InlineData("chat-busy", 429, typeof(AnthropicRateLimitException), ErrorType.RateLimitError)]
    [InlineData("anthropic-overloaded", 529, typeof(AnthropicOverloadedException), ErrorType.OverloadedError)]
    [InlineData("chat-overloaded", 529, typeof(AnthropicOverloadedException), ErrorType.OverloadedError)]
    public async Task Create_ThatFails_RaisesTheTypedError(string model, int status, System.Type type, ErrorType errorType)
    {
        Exception error = await Should.ThrowAsync(() => Client().Messages.Create(Ask(model), Token), type);
        AnthropicApiException api = error.ShouldBeAssignableTo<AnthropicApiException>()!;
        api.StatusCode.ShouldBe((HttpStatusCode)status);
        api.Type!.Value().ShouldBe(errorType);
        api.RequestID.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Create_WithAnUnknownKey_IsUnauthorized()
    {
        AnthropicUnauthorizedException error = await Should.ThrowAsync<AnthropicUnauthorizedException>(() => Client("ml-unknown").Messages.Create(Ask("anthropic-plain"), Token));
        error.Type!.Value().ShouldBe(ErrorType.AuthenticationError);
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task CreateStreaming_ThatBreaks_RaisesTheErrorAndDoesNotEnd(string upstream)
    {
        List<string> seen = [];
        AnthropicSseException error = await Should.ThrowAsync<AnthropicSseException>(async () =>
        {
            await foreach (RawMessageStreamEvent next in Client().Messages.CreateStreaming(Ask($"{upstream}-breaks"), Token))
            {
                seen.Add(next.Type.Raw());
            }
        });
        error.Message.ShouldContain("Overloaded");
        seen.ShouldContain("content_block_delta");
        seen.ShouldNotContain("message_stop");
    }

    private async Task<Message> RunAsync(MessageCreateParams ask, bool stream)
    {
        Message message = stream ? await Client().Messages.CreateStreaming(ask, Token).Aggregate() : await Client().Messages.Create(ask, Token);
        message.Validate();
        return message;
    }

    private static MessageCreateParams Ask(string model) => new() { Model = model, MaxTokens = 2048, Messages = [new UserMessageParam("Hello")] };

    private static string TextOf(Message message) =>
        string.Concat(message.Content.Select(b => b.TryPickText(out TextBlock? text) ? text.Text : ""));

    private static Dictionary<string, JsonElement> Members(JsonElement json) => json.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);

    private static async IAsyncEnumerable<RawMessageStreamEvent> Replay(List<RawMessageStreamEvent> events)
    {
        foreach (RawMessageStreamEvent next in events)
        {
            yield return next;
        }
        await Task.CompletedTask;
    }

    // The SDK's own retries would only hide what the gateway answered.
    private AnthropicClient Client(string? key = null) => new(new ClientOptions
    {
        BaseUrl = setup.Gateway.Url,
        ApiKey = key ?? setup.Gateway.Key,
        MaxRetries = 0,
        ResponseValidation = true,
    });

    /// <summary>A gateway that knows the stories.</summary>
    public sealed class Setup : IAsyncLifetime
    {
        public RunningGateway Gateway { get; } = new();
        public StoryUpstream Upstream { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Upstream.InitializeAsync();
            await Gateway.InitializeAsync();
            await Upstream.RegisterAsync(Gateway);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}
