using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Streams, read and written.</summary>
public sealed class AnthropicStreamTests
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","model":"c","content":[],"usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}""";
    private const string Stop = """{"type":"message_stop"}""";

    [Fact]
    public void Read_ThinkingThenCall_KeepsTheSignatureWholeAndTheArguments()
    {
        GenerationResponse response = AnthropicWire.Fold(AnthropicWire.ReadStream(Sse(
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
            """{"type":"ping"}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"AB"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"CD"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"something_new","index":0}""",
            """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1}"}}""",
            """{"type":"content_block_stop","index":1}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":20,"output_tokens_details":{"thinking_tokens":5}}}""",
            Stop)));

        response.Candidates[0].Parts.ShouldBe(
            [new ReasoningPart("hm") { Signature = "ABCD", Origin = Wire.AnthropicMessages }, new ToolCallPart("t1", "f", "{\"a\":1}")]);
        response.Candidates[0].Finish.ShouldBe(FinishReason.ToolCalls);
        response.Usage.ShouldBe(new Usage(UsageSource.Reported, 10, 3, 0, 20, 5));
    }

    [Fact]
    public void Read_ServerToolUse_IsOneWholePart()
    {
        List<StreamEvent> events = AnthropicWire.ReadStream(Sse(
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\"x\"}"}}""",
            """{"type":"content_block_stop","index":0}"""));

        events.Single(e => e.Kind == StreamEventKind.PartStart).Json.GetRawText().ShouldBe("""{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"x"}}""");
    }

    [Fact]
    public void Read_ContentInTheBeginning_IsReadAsAnyOther()
    {
        List<StreamEvent> events = AnthropicWire.ReadStream(Sse(
            """{"type":"message_start","message":{"id":"msg_1","model":"c","content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}],"stop_reason":"tool_use"}}""", Stop));

        AnthropicStreamRules.Check(events, "");
        AnthropicWire.Fold(events).Candidates[0].Parts.ShouldBe([new ToolCallPart("t1", "f", "{\"a\":1}")]);
        events[^2].Finish.ShouldBe(FinishReason.ToolCalls);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", true)]
    [InlineData("""{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""", false)]
    public void Read_WithoutTheEnd_ClaimsNone(string last, bool error)
    {
        List<StreamEvent> events = AnthropicWire.ReadStream(Sse(Start, """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""", last));

        events.ShouldNotContain(e => e.Kind == StreamEventKind.End);
        events.Any(e => e.Kind == StreamEventKind.Error).ShouldBe(error);
    }

    [Fact]
    public void Write_CallsThatOverlap_FollowOneAnother()
    {
        List<JsonObject> written = AnthropicWire.DataOf(AnthropicWire.WriteStream(
            [
                new(StreamEventKind.Start) { Id = "chatcmpl-1" },
                Part(StreamEventKind.PartStart, 0, PartKind.Text),
                Part(StreamEventKind.Delta, 0, PartKind.Text) with { Text = "Both:" },
                Part(StreamEventKind.PartEnd, 0, PartKind.Text),
                Part(StreamEventKind.PartStart, 1, PartKind.ToolCall) with { Id = "a", Name = "f" },
                Part(StreamEventKind.PartStart, 2, PartKind.ToolCall) with { Id = "b", Name = "g" },
                Part(StreamEventKind.Delta, 2, PartKind.ToolCall) with { Text = "{\"y\":" },
                Part(StreamEventKind.Delta, 1, PartKind.ToolCall) with { Text = "{\"x\":1}" },
                Part(StreamEventKind.Delta, 2, PartKind.ToolCall) with { Text = "2}" },
                Part(StreamEventKind.PartEnd, 2, PartKind.ToolCall),
                Part(StreamEventKind.PartEnd, 1, PartKind.ToolCall),
                new(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls, Name = "tool_calls" },
                new(StreamEventKind.Usage) { Usage = new Usage(UsageSource.Reported, 9, 0, 0, 5, 0) },
                new(StreamEventKind.End),
            ],
            Wire.OpenAIChat));

        written.Select(e => e["type"]!.GetValue<string>() + e["index"]).ShouldBe(
        [
            "message_start", "ping", "content_block_start0", "content_block_delta0", "content_block_stop0", "content_block_start1", "content_block_delta1",
            "content_block_stop1", "content_block_start2", "content_block_delta2", "content_block_delta2", "content_block_stop2", "message_delta", "message_stop",
        ]);
        written[5]["content_block"]!["caller"]!["type"]!.GetValue<string>().ShouldBe("direct");
        written[^2]["delta"]!["stop_reason"]!.GetValue<string>().ShouldBe("tool_use");
        written[^2]["usage"]!["input_tokens"]!.GetValue<int>().ShouldBe(9);
    }

    [Fact]
    public void Write_UsageThatComesFirst_StandsInTheBeginning()
    {
        string stream = AnthropicWire.WriteStream(
            [
                new(StreamEventKind.Start),
                new(StreamEventKind.Usage) { Usage = new Usage(UsageSource.Reported, 9, 4, 0, 0, 0) },
                Part(StreamEventKind.PartStart, 0, PartKind.Text),
            ],
            Wire.Gemini);

        stream.ShouldStartWith("event: message_start\ndata: {\"type\":\"message_start\",");
        JsonNode message = AnthropicWire.DataOf(stream)[0]["message"]!;
        message["usage"]!["input_tokens"]!.GetValue<int>().ShouldBe(5);
        message["id"]!.GetValue<string>().ShouldStartWith("msg_");
        message["model"]!.GetValue<string>().ShouldBe("alias");
    }

    [Fact]
    public void Write_SignaturesOfOtherVendors_ComeBackFromTheClient()
    {
        List<JsonObject> written = AnthropicWire.DataOf(AnthropicWire.WriteStream(
            [
                new(StreamEventKind.Start),
                Part(StreamEventKind.PartStart, 0, PartKind.Reasoning) with { Name = StreamEvent.Redacted },
                Part(StreamEventKind.Signature, 0, PartKind.Reasoning) with { Text = "AA", Name = StreamEvent.Redacted },
                Part(StreamEventKind.PartEnd, 0, PartKind.Reasoning),
                Part(StreamEventKind.PartStart, 1, PartKind.ToolCall) with { Id = "a", Name = "f" },
                Part(StreamEventKind.Signature, 1, PartKind.ToolCall) with { Text = "BB" },
                Part(StreamEventKind.PartEnd, 1, PartKind.ToolCall),
                new(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls },
                new(StreamEventKind.End),
            ],
            Wire.Gemini));
        var blocks = new JsonArray([.. written.Where(e => e["type"]!.GetValue<string>() == "content_block_start").Select(e => e["content_block"]!.DeepClone())]);

        GenerationRequest next = AnthropicWire.Read($$"""{"model":"m","messages":[{"role":"assistant","content":{{blocks.ToJsonString()}}}]}""");

        next.Messages[0].Parts.ShouldBe(
            [new ReasoningPart("") { Redacted = true, Signature = "AA", Origin = Wire.Gemini }, new ToolCallPart("a", "f", "{}") { Signature = "BB" }]);
    }

    [Fact]
    public void Write_ThoughtsThatNobodySigned_SayWhoseTheyAre()
    {
        List<JsonObject> written = AnthropicWire.DataOf(AnthropicWire.WriteStream(
            [
                new(StreamEventKind.Start),
                Part(StreamEventKind.PartStart, 0, PartKind.Reasoning),
                Part(StreamEventKind.Delta, 0, PartKind.Reasoning) with { Text = "hm" },
                Part(StreamEventKind.PartEnd, 0, PartKind.Reasoning),
                Part(StreamEventKind.PartStart, 1, PartKind.Text),
                Part(StreamEventKind.PartEnd, 1, PartKind.Text),
            ],
            Wire.OpenAIChat));

        written.Select(e => e["delta"]?["signature"]?.GetValue<string>()).OfType<string>().ShouldBe(["gw.openai-chat."]);
        AnthropicWire.Read("""{"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"gw.openai-chat."}]}]}""")
            .Messages[0].Parts.ShouldBe([new ReasoningPart("hm") { Origin = Wire.OpenAIChat }]);
    }

    [Fact]
    public void Write_WhatNoBlockHolds_IsNamed()
    {
        var notes = new ConversionNotes();

        AnthropicWire.WriteStream(
            [
                new(StreamEventKind.Start),
                Part(StreamEventKind.PartStart, 0, PartKind.Opaque) with { Name = "web_search_call" },
                Part(StreamEventKind.PartEnd, 0, PartKind.Opaque),
                Part(StreamEventKind.PartStart, 1, PartKind.Media),
                Part(StreamEventKind.Media, 1, PartKind.Media) with { Text = "AA", Name = "image/png" },
                Part(StreamEventKind.PartEnd, 1, PartKind.Media),
                Part(StreamEventKind.PartStart, 0, PartKind.Text) with { Choice = 1 },
            ],
            Wire.OpenAIResponses,
            notes);

        notes.Reasons.Select(r => r.What).ShouldBe(["part:web_search_call", "part:image", "choices"]);
    }

    private static StreamEvent Part(StreamEventKind kind, int part, PartKind partKind) => new(kind) { Part = part, PartKind = partKind };

    private static string Sse(params string[] data) => string.Concat(data.Select(d => $"event: {JsonNode.Parse(d)!["type"]}\ndata: {d}\n\n"));
}
