using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.OpenAI.Responses;

public class ResponsesStreamTests
{
    private const string Created = """{"type":"response.created","response":{"id":"resp_1","model":"gpt"}}""";
    private const string Completed = """{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":2}}}""";

    [Fact]
    public void Decode_NoNumbersAndDoneAtTheEnd_IsAWholeAnswer()
    {
        List<StreamEvent> events = ResponsesWire.Decode(Stream(
            Created,
            """{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hel"}""",
            """{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"lo"}""",
            """{"type":"response.of_the_future","x":1}""",
            Completed,
            "[DONE]"));

        StreamRules.Check(events).ShouldBeNull();
        Collect(events).ContentText.ShouldBe("Hello");
        Collect(events).Usage.ShouldBe(new Usage(UsageSource.Reported, 3, 0, 0, 2, 0));
        events[^1].Kind.ShouldBe(StreamEventKind.End);
    }

    [Fact]
    public void Decode_ErrorThenFailed_IsOneErrorAndNoEnd()
    {
        List<StreamEvent> events = ResponsesWire.Decode(Stream(
            Created,
            """{"type":"error","error":{"type":"server_error","code":"insufficient_quota","message":"No money."},"sequence_number":2}""",
            """{"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"insufficient_quota","message":"No money."}}}"""));

        events.Select(e => e.Kind).ShouldBe([StreamEventKind.Start, StreamEventKind.Error]);
        events[1].Json.Text("message").ShouldBe("No money.");
    }

    [Theory]
    [InlineData("""{"type":"error","code":"rate_limit_exceeded","message":"Slow down.","param":null}""")]
    [InlineData("""{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down."}}}""")]
    [InlineData("""{"error":{"code":"rate_limit_exceeded","message":"Slow down."}}""")]
    public void Decode_FailureInAnyShape_IsAnErrorWithItsCode(string data)
    {
        List<StreamEvent> events = ResponsesWire.Decode(Stream(data));

        events[^1].Kind.ShouldBe(StreamEventKind.Error);
        events[^1].Json.Text("code").ShouldBe("rate_limit_exceeded");
    }

    [Fact]
    public void Decode_NoEnd_IsNoEnd() =>
        ResponsesWire.Decode(Stream(Created, """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hel"}"""))
            .ShouldNotContain(e => e.Kind == StreamEventKind.End || e.Kind == StreamEventKind.Finish);

    [Fact]
    public void Decode_OnlyTheLastEvent_TellsTheWholeAnswer()
    {
        List<StreamEvent> events = ResponsesWire.Decode(Stream("""
            {"type":"response.completed","response":{"id":"r","status":"completed","output":[
              {"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"http://x","title":"t","start_index":0,"end_index":2}]}]},
              {"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{\"a\":1}"}]}}
            """.ReplaceLineEndings("")));

        StreamRules.Check(events).ShouldBeNull();
        GenerationResponse response = Collect(events);
        response.Candidates[0].Parts[0].ShouldBeOfType<TextPart>().Citations[0].Url.ShouldBe("http://x");
        response.Candidates[0].Parts[1].ShouldBe(new ToolCallPart("c", "f", "{\"a\":1}"));
        response.Candidates[0].Finish.ShouldBe(FinishReason.ToolCalls);
    }

    [Fact]
    public void Decode_InterleavedCalls_KeepTheirArgumentsApart()
    {
        List<StreamEvent> events = ResponsesWire.Decode(Stream(
            Created,
            """{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"a","call_id":"c1","name":"f","arguments":""}}""",
            """{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","id":"b","call_id":"c2","name":"g","arguments":""}}""",
            """{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"x\":"}""",
            """{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{}"}""",
            """{"type":"response.function_call_arguments.delta","output_index":0,"delta":"1}"}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","id":"b","call_id":"c2","name":"g","arguments":"{}"}}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"a","call_id":"c1","name":"f","arguments":"{\"x\":1}"}}""",
            Completed));

        Collect(events).Candidates[0].Parts.ShouldBe([new ToolCallPart("c1", "f", "{\"x\":1}"), new ToolCallPart("c2", "g", "{}")]);
    }

    [Fact]
    public void Encode_ThoughtTextAndCall_IsEveryEventInItsOrder()
    {
        byte[] stream = ResponsesWire.Encode(
        [
            new StreamEvent(StreamEventKind.Start),
            Part(StreamEventKind.PartStart, 0, PartKind.Reasoning),
            Part(StreamEventKind.Delta, 0, PartKind.Reasoning) with { Text = "Hm." },
            Part(StreamEventKind.Signature, 0, PartKind.Reasoning) with { Text = "sig" },
            Part(StreamEventKind.PartEnd, 0, PartKind.Reasoning),
            Part(StreamEventKind.PartStart, 1, PartKind.Text),
            Part(StreamEventKind.Delta, 1, PartKind.Text) with { Text = "Hello" },
            Part(StreamEventKind.Citation, 1, PartKind.Text) with { Citation = new Citation { Url = "http://x", Start = 0, End = 5 } },
            Part(StreamEventKind.PartEnd, 1, PartKind.Text),
            Part(StreamEventKind.PartStart, 2, PartKind.ToolCall) with { Id = "c1", Name = "f" },
            Part(StreamEventKind.Delta, 2, PartKind.ToolCall) with { Text = "{}" },
            Part(StreamEventKind.PartEnd, 2, PartKind.ToolCall),
            new StreamEvent(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls },
            new StreamEvent(StreamEventKind.Usage) { Usage = new Usage(UsageSource.Reported, 5, 1, 0, 7, 3) },
            new StreamEvent(StreamEventKind.End),
        ], origin: Wire.AnthropicMessages);
        List<JsonElement> frames = ResponsesWire.Frames(stream);

        ResponsesGrammar.Check(frames).ShouldBeNull();
        frames.Select(f => f.Text("type")![("response.".Length)..]).ShouldBe(
        [
            "created", "in_progress",
            "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done",
            "output_item.added", "content_part.added", "output_text.delta", "output_text.annotation.added", "output_text.done", "content_part.done", "output_item.done",
            "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
            "completed",
        ]);
        Encoding.UTF8.GetString(stream).ShouldStartWith("event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,");
        JsonElement response = frames[^1].GetProperty("response");
        response.Text("status").ShouldBe("completed");
        response.Text("model").ShouldBe("alias");
        response.GetProperty("output")[0].Text("encrypted_content").ShouldBe("gw.anthropic-messages.sig");
        response.GetProperty("usage").GetProperty("output_tokens_details").Whole("reasoning_tokens").ShouldBe(3);
    }

    [Fact]
    public void Encode_CutAtTheLimit_IsIncompleteAndSaysWhy()
    {
        List<JsonElement> frames = ResponsesWire.Frames(ResponsesWire.Encode(
        [
            new StreamEvent(StreamEventKind.Start),
            Part(StreamEventKind.PartStart, 0, PartKind.Text),
            Part(StreamEventKind.Delta, 0, PartKind.Text) with { Text = "Hel" },
            Part(StreamEventKind.PartEnd, 0, PartKind.Text),
            new StreamEvent(StreamEventKind.Finish) { Finish = FinishReason.Length },
            new StreamEvent(StreamEventKind.End),
        ]));

        frames[^1].Text("type").ShouldBe("response.incomplete");
        frames[^1].GetProperty("response").GetProperty("incomplete_details").Text("reason").ShouldBe("max_output_tokens");
        frames[^1].GetProperty("response").GetProperty("output")[0].Text("status").ShouldBe("incomplete");
    }

    [Fact]
    public void Encode_GeminiCallWithSignature_SignatureComesBackWithTheCall()
    {
        List<JsonElement> frames = ResponsesWire.Frames(ResponsesWire.Encode(
        [
            new StreamEvent(StreamEventKind.Start),
            Part(StreamEventKind.PartStart, 0, PartKind.ToolCall) with { Id = "c1", Name = "f", Text = "thought==" },
            Part(StreamEventKind.Delta, 0, PartKind.ToolCall) with { Text = "{\"a\":1}" },
            Part(StreamEventKind.PartEnd, 0, PartKind.ToolCall),
            new StreamEvent(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls },
            new StreamEvent(StreamEventKind.End),
        ], origin: Wire.Gemini));

        ResponsesGrammar.Check(frames).ShouldBeNull();
        string item = frames[^1].GetProperty("response").GetProperty("output").GetRawText();
        var call = (ToolCallPart)ResponsesWire.ReadRequest($$"""{"model":"m","input":{{item}}}""").Messages[0].Parts[0];
        call.ShouldBe(new ToolCallPart("c1", "f", "{\"a\":1}") { Signature = "thought==" });
    }

    [Fact]
    public void Encode_CallOfACustomTool_IsACustomCall()
    {
        GenerationRequest request = ResponsesWire.ReadRequest("""{"model":"m","input":"x","tools":[{"type":"custom","name":"sql"}]}""");
        List<JsonElement> frames = ResponsesWire.Frames(ResponsesWire.Encode(
        [
            new StreamEvent(StreamEventKind.Start),
            Part(StreamEventKind.PartStart, 0, PartKind.ToolCall) with { Id = "c1", Name = "sql" },
            Part(StreamEventKind.Delta, 0, PartKind.ToolCall) with { Text = "{\"input\":" },
            Part(StreamEventKind.Delta, 0, PartKind.ToolCall) with { Text = "\"SELECT 1\"}" },
            Part(StreamEventKind.PartEnd, 0, PartKind.ToolCall),
            new StreamEvent(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls },
            new StreamEvent(StreamEventKind.End),
        ], request, Wire.OpenAIChat));

        ResponsesGrammar.Check(frames).ShouldBeNull();
        frames.ShouldContain(f => f.Text("type") == "response.custom_tool_call_input.done" && f.Text("input") == "SELECT 1");
        frames[^1].GetProperty("response").GetProperty("output")[0].Text("input").ShouldBe("SELECT 1");
    }

    [Fact]
    public void Encode_UnsignedThoughtsOfAChatServer_GoBackToItWithTheResult()
    {
        List<JsonElement> frames = ResponsesWire.Frames(ResponsesWire.Encode(
        [
            new StreamEvent(StreamEventKind.Start),
            Part(StreamEventKind.PartStart, 0, PartKind.Reasoning),
            Part(StreamEventKind.Delta, 0, PartKind.Reasoning) with { Text = "Hm." },
            Part(StreamEventKind.PartEnd, 0, PartKind.Reasoning),
            Part(StreamEventKind.PartStart, 1, PartKind.ToolCall) with { Id = "c1", Name = "f" },
            Part(StreamEventKind.PartEnd, 1, PartKind.ToolCall),
            new StreamEvent(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls },
            new StreamEvent(StreamEventKind.End),
        ], origin: Wire.OpenAIChat));

        ResponsesGrammar.Check(frames).ShouldBeNull();
        string items = string.Join(',', frames[^1].GetProperty("response").Items("output").Select(i => i.GetRawText()));
        ChatThoughtsOf(items).ShouldBe("Hm.");
    }

    [Fact]
    public void WriteResponse_UnsignedThoughtsOfAChatServer_GoBackToItWithTheResult()
    {
        var response = new GenerationResponse
        {
            Model = "m",
            Candidates = [new Candidate(0, [new ReasoningPart("Hm.") { Origin = Wire.OpenAIChat }, new ToolCallPart("c1", "f", "{}")], FinishReason.ToolCalls)],
            Origin = Wire.OpenAIChat,
        };

        ChatThoughtsOf(string.Join(',', ResponsesWire.WriteResponse(response).Items("output").Select(i => i.GetRawText()))).ShouldBe("Hm.");
    }

    [Fact]
    public void Encode_CallOfANamespacesTool_HasItsTwoNames()
    {
        GenerationRequest request = ResponsesWire.ReadRequest(
            """{"model":"m","input":"x","tools":[{"type":"namespace","name":"mcp__docs","tools":[{"type":"function","name":"search"}]}]}""");
        List<JsonElement> frames = ResponsesWire.Frames(ResponsesWire.Encode(
        [
            new StreamEvent(StreamEventKind.Start),
            Part(StreamEventKind.PartStart, 0, PartKind.ToolCall) with { Id = "c1", Name = "mcp__docs__search" },
            Part(StreamEventKind.PartEnd, 0, PartKind.ToolCall),
            new StreamEvent(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls },
            new StreamEvent(StreamEventKind.End),
        ], request, Wire.OpenAIChat));

        ResponsesGrammar.Check(frames).ShouldBeNull();
        foreach (JsonElement item in frames.Where(f => f.Text("type") is "response.output_item.added" or "response.output_item.done").Select(f => f.GetProperty("item")))
        {
            (item.Text("namespace"), item.Text("name")).ShouldBe(("mcp__docs", "search"));
        }
        JsonElement answer = frames[^1].GetProperty("response");
        answer.GetProperty("output")[0].Text("namespace").ShouldBe("mcp__docs");
        answer.GetProperty("tools")[0].Text("type").ShouldBe("namespace");
        ResponsesWire.Decode(string.Concat(frames.Select(f => $"data: {f.GetRawText()}\n\n"))).ShouldContain(e => e.Name == "mcp__docs__search");
    }

    /// <summary>What a Chat server gets of a turn's thoughts when a client sends the turn back.</summary>
    private static string? ChatThoughtsOf(string items)
    {
        ConversionReport<JsonElement> chat = Transcoder.Request(Wire.OpenAIResponses, Wire.OpenAIChat, $$"""
            {"model":"m","input":[{"role":"user","content":"q"},{{items}},{"type":"function_call_output","call_id":"c1","output":"1"}]}
            """);
        chat.Lossy.ShouldBeFalse();
        return chat.Value.GetProperty("messages")[1].Text("reasoning_content");
    }

    private static StreamEvent Part(StreamEventKind kind, int part, PartKind partKind) => new(kind) { Part = part, PartKind = partKind };

    private static string Stream(params string[] events) => string.Concat(events.Select(e => $"data: {e}\n\n"));

    private static GenerationResponse Collect(List<StreamEvent> events)
    {
        var collector = new StreamCollector(Wire.OpenAIResponses);
        foreach (StreamEvent next in events)
        {
            collector.Add(next);
        }
        return collector.ToResponse();
    }
}
