using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Shouldly;
using Xunit;
using static Gateway.Tests.Providers.Gemini.GeminiConversion;

namespace Gateway.Tests.Providers.Gemini;

public sealed class GeminiStreamTests
{
    private const string First = """{"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],"modelVersion":"g","responseId":"r1"}""";
    private const string NoParts = """{"candidates":[{"content":{"role":"model"},"index":0}],"responseId":"r1"}""";
    private const string Last = """{"candidates":[{"content":{"parts":[{"text":"lo"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":1,"totalTokenCount":3}}""";
    private const string OnlyCounts = """{"usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":4,"totalTokenCount":6}}""";

    private static byte[] Sse(params string[] chunks) => Encoding.UTF8.GetBytes(string.Concat(chunks.Select(c => $"data: {c}\r\n\r\n")));

    private static byte[] Array(params string[] chunks) => Encoding.UTF8.GetBytes($"[{string.Join("\n,\r\n", chunks)}\n]\n");

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Decode_EitherFraming_GivesTheSame(int pieceBytes)
    {
        foreach (byte[] bytes in new[] { Sse(First, NoParts, Last, OnlyCounts), Array(First, NoParts, Last, OnlyCounts) })
        {
            List<StreamEvent> events = Decode(bytes, pieceBytes);

            events.Select(e => e.Kind).ShouldBe(
            [
                StreamEventKind.Start, StreamEventKind.PartStart, StreamEventKind.Delta, StreamEventKind.Delta, StreamEventKind.Usage, StreamEventKind.Usage,
                StreamEventKind.PartEnd, StreamEventKind.Finish, StreamEventKind.End,
            ]);
            Collect(events).ContentText.ShouldBe("Hello");
            Collect(events).Usage.ShouldBe(new Usage(UsageSource.Reported, 2, 0, 0, 4, 0));
        }
    }

    [Fact]
    public void Decode_StreamThatBreaksOff_HasNoEnd()
    {
        Decode(Sse(First, NoParts)).ShouldNotContain(e => e.Kind == StreamEventKind.End || e.Kind == StreamEventKind.Finish);
        Should.Throw<JsonException>(() => Decode(Sse(First)[..^20]));
        Should.Throw<JsonException>(() => Decode(Array(First, Last)[..^20]));
    }

    [Fact]
    public void Decode_ErrorInTheStream_IsTheLastEvent()
    {
        foreach (byte[] bytes in new[] { Sse(First, """{"error":{"code":503,"status":"UNAVAILABLE"}}""", Last), Array(First, """{"error":{"code":503,"status":"UNAVAILABLE"}}""", Last) })
        {
            StreamEvent last = Decode(bytes)[^1];
            last.Kind.ShouldBe(StreamEventKind.Error);
            last.Json.GetProperty("code").GetInt32().ShouldBe(503);
        }
    }

    [Fact]
    public void Decode_RefusedPrompt_IsAFilteredAnswer()
    {
        List<StreamEvent> events = Decode(Sse("""{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9}}"""));
        Collect(events).Candidates.ShouldHaveSingleItem().Finish.ShouldBe(FinishReason.ContentFilter);
        events[^1].Kind.ShouldBe(StreamEventKind.End);
    }

    [Fact]
    public void Decode_ArgumentsInPieces_ArePutTogether()
    {
        static string Call(string call) => $$$"""{"candidates":[{"content":{"parts":[{"functionCall":{{{call}}}}]}}]}""";
        GenerationResponse response = Collect(Decode(Sse(
            Call("""{"name":"a","willContinue":true}"""),
            Call("""{"partialArgs":[{"jsonPath":"$.list[0].name","stringValue":"x","willContinue":true}],"willContinue":true}"""),
            Call("""{"partialArgs":[{"jsonPath":"$.list[0].name","stringValue":"y"}],"willContinue":true}"""),
            Call("""{"partialArgs":[{"jsonPath":"$.list[1]['a b']","numberValue":0.5},{"jsonPath":"$.ok","boolValue":true},{"jsonPath":"$.no","nullValue":"NULL_VALUE"}],"willContinue":true}"""),
            Call("{}"),
            Call("""{"name":"b"}"""),
            Last)));

        List<ToolCallPart> calls = [.. response.Candidates[0].Parts.OfType<ToolCallPart>()];
        calls.Select(c => (c.Name, c.ArgumentsJson)).ShouldBe([("a", """{"list":[{"name":"xy"},{"a b":0.5}],"ok":true,"no":null}"""), ("b", "{}")]);
        response.Candidates[0].Finish.ShouldBe(FinishReason.ToolCalls);
    }

    [Theory]
    [InlineData("$[999999999]")]
    [InlineData("$.a..b")]
    [InlineData("$['a")]
    public void Decode_ImpossiblePath_IsRefused(string path) => Should.Throw<GenerationFormatException>(() => Decode(Sse(
        $$$"""{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","willContinue":true,"partialArgs":[{"jsonPath":"{{{path}}}","numberValue":1}]}}]}}]}""")));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encode_AnswerOfAnotherWire_IsTheWholeGrammar(bool array)
    {
        StreamEvent[] events =
        [
            new(StreamEventKind.Start) { Id = "msg_1", Name = "claude" },
            new(StreamEventKind.PartStart) { PartKind = PartKind.Reasoning },
            new(StreamEventKind.Delta) { PartKind = PartKind.Reasoning, Text = "hm" },
            new(StreamEventKind.Signature) { PartKind = PartKind.Reasoning, Text = "sig" },
            new(StreamEventKind.PartEnd) { PartKind = PartKind.Reasoning },
            new(StreamEventKind.PartStart) { Part = 1, PartKind = PartKind.Text },
            new(StreamEventKind.Delta) { Part = 1, PartKind = PartKind.Text, Text = "Hé" },
            new(StreamEventKind.PartEnd) { Part = 1, PartKind = PartKind.Text },
            new(StreamEventKind.PartStart) { Part = 2, PartKind = PartKind.ToolCall, Id = "toolu_1", Name = "a" },
            new(StreamEventKind.PartStart) { Part = 3, PartKind = PartKind.ToolCall, Id = "toolu_2", Name = "b" },
            new(StreamEventKind.Delta) { Part = 2, PartKind = PartKind.ToolCall, Text = "{\"x\":" },
            new(StreamEventKind.Delta) { Part = 2, PartKind = PartKind.ToolCall, Text = "1}" },
            new(StreamEventKind.PartEnd) { Part = 2, PartKind = PartKind.ToolCall },
            new(StreamEventKind.PartEnd) { Part = 3, PartKind = PartKind.ToolCall },
            new(StreamEventKind.Finish) { Finish = FinishReason.ToolCalls, Name = "tool_use" },
            new(StreamEventKind.Usage) { Usage = new Usage(UsageSource.Reported, 10, 4, 0, 8, 3) },
            new(StreamEventKind.End),
        ];
        string text = Encoding.UTF8.GetString(Encode(events, Wire.AnthropicMessages, array));

        text.ShouldStartWith(array ? "[{" : "data: {");
        text.ShouldEndWith(array ? "}]" : "}\r\n\r\n");
        GenerationResponse read = Collect(Decode(Encoding.UTF8.GetBytes(text)));
        read.Candidates[0].Parts.OfType<ToolCallPart>().ShouldBe([new ToolCallPart("toolu_1", "a", "{\"x\":1}"), new ToolCallPart("toolu_2", "b", "{}")]);
        read.ContentText.ShouldBe("Hé");
        read.Candidates[0].RawFinish.ShouldBe("STOP");
        read.Usage.ShouldBe(new Usage(UsageSource.Reported, 10, 4, 0, 8, 3));
        read.Model.ShouldBe("m");

        // The chunks' parts come back in the next request; thoughts and their signature are one again.
        List<JsonElement> chunks = array ? [.. Json(text).EnumerateArray()] : [.. text.Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries).Select(c => Json(c["data: ".Length..]))];
        // A chunk without parts makes Google's client forget the turn.
        chunks.ShouldAllBe(c => c.GetProperty("candidates")[0].GetProperty("content").GetProperty("parts").GetArrayLength() > 0);
        string parts = string.Join(',', chunks.SelectMany(c => c.Items("candidates")).Where(c => c.Has("content", out _)).SelectMany(c => c.GetProperty("content").Items("parts")).Select(p => p.GetRawText()));
        ReadRequest($$"""{"contents":[{"role":"model","parts":[{{parts}}]}]}""").Messages[0].Parts[0]
            .ShouldBe(new ReasoningPart("hm") { Signature = "sig", Origin = Wire.AnthropicMessages });
    }

    [Fact]
    public void Encode_PartsThatOnlyAnotherWireHas_AreNamed()
    {
        var notes = new ConversionNotes();
        Encode([new(StreamEventKind.PartStart) { PartKind = PartKind.Opaque, Name = "web_search_call", Json = Json("{}") }], Wire.OpenAIResponses, notes: notes);
        notes.Reasons.ShouldHaveSingleItem().What.ShouldBe("part:web_search_call");
    }
}
