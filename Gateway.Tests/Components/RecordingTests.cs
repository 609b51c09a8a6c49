using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Web.Components.Pages.Playground;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class RecordingTests
{
    private static string Fixture(string path, string request, string response) => $$$"""
        {"name":"f","request":{"method":"POST","path":"{{{path}}}","headers":[],"body":{"json":{{{request}}}}},"response":{"status":200,"headers":[],"body":{{{response}}}}}
        """;

    [Theory]
    [InlineData(
        "/v1/chat/completions", """{"model":"x","messages":[{"role":"user","content":"Hi"}]}""",
        """{"json":{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}}""")]
    [InlineData(
        "/v1/messages", """{"model":"x","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}""",
        """{"json":{"id":"m","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}}""")]
    [InlineData(
        "/v1beta/models/x:streamGenerateContent?alt=sse&key=secret", """{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}""",
        """{"text":"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hel\"}]}}]}\r\n\r\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"lo\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n"}""")]
    public void Read_ExchangeOfAnyWire_CanBeAskedAgain(string path, string request, string response)
    {
        var recording = Recording.Read(Fixture(path, request, response));

        (recording.Question, recording.Answer).ShouldBe(("Hi", "Hello"));
        JsonNode body = JsonNode.Parse(WireRequest.Of(Wire.OpenAIChat, recording.ToRequest("sim-chat", stream: true)).Json)!;
        body["model"]!.GetValue<string>().ShouldBe("sim-chat");
        body["stream"]!.GetValue<bool>().ShouldBeTrue();
        body["messages"]![0]!.ToJsonString().ShouldContain("Hi");
    }

    [Fact]
    public void Read_WhatCannotBeReplayed_SaysWhy()
    {
        Should.Throw<GenerationFormatException>(() => Recording.Read(Fixture("/v1/embeddings", "{}", """{"json":{}}"""))).Message.ShouldContain("/v1/embeddings");
        Should.Throw<JsonException>(() => Recording.Read("{}")).Message.ShouldContain("fixture");
        Should.Throw<JsonException>(() => Recording.Read(""));
    }
}
