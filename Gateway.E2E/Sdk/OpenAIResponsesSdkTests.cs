using System.ClientModel;
using System.ClientModel.Primitives;
using Gateway.E2E.Hosting.Stories;
using OpenAI.Responses;
using Shouldly;
using Xunit;

#pragma warning disable OPENAI001 // The SDK calls its Responses client experimental; people use it all the same.

namespace Gateway.E2E.Sdk;

/// <summary>The Responses client of OpenAI's SDK for .NET against the running product: behind an upstream of its own wire, and behind one of Chat.</summary>
public sealed class OpenAIResponsesSdkTests(AnthropicSdkTests.Setup setup) : IClassFixture<AnthropicSdkTests.Setup>
{
    public static TheoryData<string> Upstreams => ["responses", "chat"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task CreateResponse_Plain_AnswersWithUsage(string upstream)
    {
        ResponseResult answer = await Client().CreateResponseAsync($"{upstream}-plain", "Hello", cancellationToken: Token);
        answer.GetOutputText().ShouldBe("Hello from the model.");
        answer.Model.ShouldBe($"{upstream}-plain");
        answer.Status.ShouldBe(ResponseStatus.Completed);
        (answer.Usage.InputTokenCount, answer.Usage.InputTokenDetails.CachedTokenCount, answer.Usage.OutputTokenCount, answer.Usage.OutputTokenDetails.ReasoningTokenCount).ShouldBe((42, 30, 9, 3));
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task CreateResponseStreaming_Plain_IsNumberedAndEndsWithTheWhole(string upstream)
    {
        CreateResponseOptions ask = Ask($"{upstream}-plain", "Hello");
        ask.StreamingEnabled = true;
        List<StreamingResponseUpdate> updates = [];
        await foreach (StreamingResponseUpdate update in await Client().CreateResponseStreamingAsync(ask, Token))
        {
            update.SequenceNumber.ShouldBe(updates.Count);
            updates.Add(update);
        }
        string.Concat(updates.OfType<StreamingResponseOutputTextDeltaUpdate>().Select(u => u.Delta)).ShouldBe("Hello from the model.");
        updates[^1].ShouldBeOfType<StreamingResponseCompletedUpdate>().Response.GetOutputText().ShouldBe("Hello from the model.");
    }

    [Theory]
    [InlineData("responses", false, false)]
    [InlineData("responses", true, false)]
    [InlineData("responses", false, true)]
    [InlineData("responses", true, true)]
    [InlineData("chat", false, false)]
    [InlineData("chat", true, false)]
    [InlineData("chat", false, true)]
    [InlineData("chat", true, true)]
    [InlineData("gemini", false, false)]
    [InlineData("gemini", true, false)]
    [InlineData("gemini", false, true)]
    [InlineData("gemini", true, true)]
    public async Task CreateResponse_ToolLoop_GoesOnFromTheCalls(string upstream, bool stream, bool byId)
    {
        ResponseItem question = ResponseItem.CreateUserMessageItem("Weather?");
        ResponseResult first = await RunAsync(WithWeather($"{upstream}-tools", [question]), stream);
        List<FunctionCallResponseItem> calls = [.. first.OutputItems.OfType<FunctionCallResponseItem>()];
        first.OutputItems[0].ShouldBeOfType<ReasoningResponseItem>().GetSummaryText().ShouldBe("I need the weather.");
        calls.Select(c => c.FunctionArguments.ToObjectFromJson<Dictionary<string, string>>()!["city"]).ShouldBe(["Oslo", "Bergen"]);
        List<ResponseItem> results = [ResponseItem.CreateFunctionCallOutputItem(calls[0].CallId, "7"), ResponseItem.CreateFunctionCallOutputItem(calls[1].CallId, "9")];

        CreateResponseOptions next = WithWeather($"{upstream}-tools", byId ? results : [question, .. first.OutputItems, .. results]);
        next.PreviousResponseId = byId ? first.Id : null;

        (await RunAsync(next, stream)).GetOutputText().ShouldBe("Oslo 7, Bergen 9.");
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task CreateResponse_WithASchema_AnswersInIt(string upstream)
    {
        var schema = BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"},"degrees":{"type":"integer"}},"required":["city","degrees"],"additionalProperties":false}""");
        CreateResponseOptions ask = Ask($"{upstream}-json", "Hello");
        ask.TextOptions = new ResponseTextOptions { TextFormat = ResponseTextFormat.CreateJsonSchemaFormat("city", schema, jsonSchemaIsStrict: true) };
        ResponseResult answer = await Client().CreateResponseAsync(ask, Token);
        answer.GetOutputText().ShouldBe("""{"city":"Oslo","degrees":7}""");
    }

    [Theory]
    [MemberData(nameof(Upstreams))]
    public async Task CreateResponse_WithAnImage_IsSeen(string upstream)
    {
        ResponseItem question = ResponseItem.CreateUserMessageItem(
        [
            ResponseContentPart.CreateInputImagePart(new Uri($"data:image/png;base64,{Story.Image}")),
            ResponseContentPart.CreateInputTextPart("What is it?"),
        ]);
        ResponseResult answer = await Client().CreateResponseAsync(new CreateResponseOptions($"{upstream}-image", [question]), Token);
        answer.GetOutputText().ShouldBe("A red dot.");
    }

    [Theory]
    [InlineData("responses-bad", 400)]
    [InlineData("chat-bad", 400)]
    [InlineData("responses-missing", 404)]
    [InlineData("chat-missing", 404)]
    [InlineData("nobody", 404)]
    public async Task CreateResponse_ThatFails_RaisesTheTypedError(string model, int status)
    {
        ClientResultException error = await Should.ThrowAsync<ClientResultException>(() => Client().CreateResponseAsync(Ask(model, "Hello"), Token));
        error.Status.ShouldBe(status);
    }

    [Fact]
    public async Task CreateResponse_WithAnUnknownKey_RaisesTheTypedError()
    {
        ClientResultException error = await Should.ThrowAsync<ClientResultException>(() => Client("ml-unknown").CreateResponseAsync(Ask("chat-plain", "Hello"), Token));
        error.Status.ShouldBe(401);
        error.Message.ShouldContain("invalid_api_key");
    }

    private async Task<ResponseResult> RunAsync(CreateResponseOptions ask, bool stream)
    {
        if (!stream)
        {
            return await Client().CreateResponseAsync(ask, Token);
        }
        ask.StreamingEnabled = true;
        ResponseResult? whole = null;
        await foreach (StreamingResponseUpdate update in await Client().CreateResponseStreamingAsync(ask, Token))
        {
            whole = (update as StreamingResponseCompletedUpdate)?.Response ?? whole;
        }
        return whole.ShouldNotBeNull();
    }

    private static CreateResponseOptions WithWeather(string model, IEnumerable<ResponseItem> input) => new(model, input)
    {
        Tools = { ResponseTool.CreateFunctionTool("weather", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"""), strictModeEnabled: true) },
    };

    private static CreateResponseOptions Ask(string model, string text) => new(model, [ResponseItem.CreateUserMessageItem(text)]);

    // The SDK's own retries would only hide what the gateway answered.
    private ResponsesClient Client(string? key = null) => new(
        new ApiKeyCredential(key ?? setup.Gateway.Key),
        new ResponsesClientOptions { Endpoint = new Uri($"{setup.Gateway.Url}/v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
