using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Generation.Tools;
using Gateway.Providers.Cohere.Chat;
using Gateway.Tests.Corpus;
using Gateway.Tests.Generation;
using Gateway.Tests.Providers.Anthropic;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Cohere;

/// <summary>Every recorded exchange with Cohere's chat, version 2, through the canonical form and back. Version 1 is another API.</summary>
public sealed class CohereCorpusTests(ITestOutputHelper output)
{
    private static readonly CodecBench Codec = new(new CohereChatCodec());

    [Fact]
    public void Requests_ReadAndWrittenBack_MeanTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e.Request is not null && e.Status < 400))
        {
            var notes = new ConversionNotes();
            GenerationRequest request = Codec.Read(exchange.Request!);

            JsonElement written = Codec.Write(request, notes);
            JsonElement bare = Codec.Write(request with { Messages = [.. request.Messages.Select(m => m with { Raw = null })] });

            Normal(written).ShouldBe(Normal(JsonElement.Parse(exchange.Request!)), exchange.Id);
            Normal(bare).ShouldBe(Normal(JsonElement.Parse(exchange.Request!)), exchange.Id);
            notes.Lossy.ShouldBeFalse(exchange.Id);
            count++;
        }
        foreach (RecordedExchange skipped in All().Except(Read()))
        {
            output.WriteLine($"not of version 2: {skipped.Id}");
        }
        count.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void Answers_ReadAndWrittenBack_HoldWhatTheyHeld()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e is { Stream: false, Status: < 400 }))
        {
            JsonElement recorded = JsonElement.Parse(exchange.Response);
            GenerationResponse response = Codec.ReadAnswer(recorded.GetRawText());

            JsonElement written = Codec.WriteAnswer(response);

            foreach (string name in (string[])["id", "message", "finish_reason"])
            {
                CodecBench.Canonical(written.GetProperty(name)).ShouldBe(CodecBench.Canonical(recorded.GetProperty(name)), exchange.Id);
            }
            response.Usage.InputTokens.ShouldBe(recorded.GetProperty("usage").GetProperty("tokens").GetProperty("input_tokens").GetInt64(), exchange.Id);
            response.Usage.CachedInputTokens.ShouldBe(recorded.GetProperty("usage").TryGetProperty("cached_tokens", out JsonElement cached) ? cached.GetInt64() : 0, exchange.Id);
            count++;
        }
        count.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Streams_FoldedAndWrittenAgain_MeanTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e is { Stream: true, Status: < 400 }))
        {
            List<StreamEvent> events = Codec.ReadStream(exchange.Response);
            AnthropicStreamRules.Check(events, exchange.Id);
            GenerationResponse response = Codec.Fold(events);

            response.ContentText.ShouldBe(string.Concat(Deltas(exchange, "content-delta").Select(m => m.GetProperty("content").GetProperty("text").GetString())), exchange.Id);
            string.Concat(response.Candidates[0].Parts.OfType<ReasoningPart>().Select(r => r.Text))
                .ShouldBe(string.Concat(Deltas(exchange, "tool-plan-delta").Select(m => m.GetProperty("tool_plan").GetString())), exchange.Id);
            response.Candidates[0].Parts.OfType<ToolCallPart>().Select(c => c.Name)
                .ShouldBe(Deltas(exchange, "tool-call-start").Select(m => m.GetProperty("tool_calls").GetProperty("function").GetProperty("name").GetString()!), exchange.Id);
            events[^1].Kind.ShouldBe(StreamEventKind.End, exchange.Id);
            List<StreamEvent> again = Codec.ReadStream(Codec.WriteStream(events, Wire.CohereChat));
            AnthropicWire.Describe(Codec.Fold(again)).ShouldBe(AnthropicWire.Describe(response), exchange.Id);
            count++;
        }
        count.ShouldBe(3);
    }

    [Theory]
    [InlineData("""data: {"type":"message-end","delta":{"finish_reason":"ERROR","error":"boom"}}""")]
    [InlineData("""data: {"type":"message-end","delta":{"finish_reason":"TIMEOUT"}}""")]
    [InlineData("""data: {"id":"1","message":"too many requests"}""")]
    public void Stream_ThatFails_HasNoEnd(string last)
    {
        const string First = "event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"1\",\"delta\":{}}\n\n";

        List<StreamEvent> events = Codec.ReadStream(Encoding.UTF8.GetBytes(First + last + "\n\n"));

        events.Select(e => e.Kind).ShouldBe([StreamEventKind.Start, StreamEventKind.Error]);
    }

    [Fact]
    public void Stream_CutOff_HasNoEnd()
    {
        foreach (RecordedExchange exchange in Read().Where(e => e.Stream))
        {
            string text = Encoding.UTF8.GetString(exchange.Response);
            string half = text[..(text.IndexOf("\n\n", text.Length / 2, StringComparison.Ordinal) + 2)];
            Codec.ReadStream(Encoding.UTF8.GetBytes(half)).ShouldNotContain(e => e.Kind == StreamEventKind.End);
        }
    }

    [Fact]
    public void Write_RequestOfAnotherWire_IsWithinCoheresRanges()
    {
        var notes = new ConversionNotes();
        JsonElement written = Codec.Write(
            new GenerationRequest
            {
                Model = "command-a-03-2025",
                Instructions = [new TextPart("Be brief.")],
                Messages =
                [
                    new Message(Role.User, [new TextPart("q"), new MediaPart(MediaKind.Image, new MediaSource { Data = "AAAA", MediaType = "image/png" })]),
                    new Message(Role.Assistant, [new ReasoningPart("foreign") { Signature = "s", Origin = Wire.AnthropicMessages }, new ToolCallPart("c1", "f", "{}")]),
                    new Message(Role.Tool, [new ToolResultPart("c1", [new TextPart("r")])]),
                ],
                Tools = [new FunctionTool("f"), new FunctionTool("g")],
                ToolChoice = new ToolChoice(ToolChoiceMode.Named, "f"),
                Sampling = new Sampling { Temperature = 1.5, TopP = 1, FrequencyPenalty = -1, MaxOutputTokens = 9 },
            },
            notes);

        written.GetProperty("messages").GetRawText().ShouldBe(
            """[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"}]""");
        written.GetProperty("tools").GetArrayLength().ShouldBe(1);
        written.GetProperty("tool_choice").GetString().ShouldBe("REQUIRED");
        (written.GetProperty("temperature").GetDouble(), written.GetProperty("p").GetDouble(), written.GetProperty("frequency_penalty").GetDouble()).ShouldBe((1, 0.99, 0));
        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(["signature"]);
    }

    [Fact]
    public void Decoder_AnyTypeWithAnyDelta_ThrowsNothingButWhatItSays()
    {
        string[] types = ["content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-start", "tool-call-delta", "tool-call-end", "citation-start", "message-end", "x"];
        string[] deltas = ["null", "1", "[]", "{}", """{"message":null}""", """{"message":{"content":[]}}""", """{"message":{"content":{"text":1}}}""",
            """{"message":{"tool_calls":[1]}}""", """{"message":{"tool_calls":{"function":"x"}}}""", """{"message":{"citations":[{}]}}""", """{"message":{"citations":{"sources":[7]}}}""", """{"usage":{"tokens":[]}}"""];

        Check.QuickThrowOnFailure(Prop.ForAll(Gen.ArrayOf(Gen.Zip(Gen.Elements(types), Gen.Elements(deltas))).ToArbitrary(), all =>
        {
            StreamDecoder decoder = new CohereChatCodec().CreateDecoder(new ConversionNotes());
            var events = new List<StreamEvent>();
            foreach ((string type, string delta) in all)
            {
                try
                {
                    decoder.Read([], Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","index":0,"delta":{{delta}}}"""), events);
                }
                catch (Exception e) when (e is GenerationFormatException or JsonException)
                {
                    return;
                }
            }
            decoder.Complete(events);
        }));
    }

    private static IEnumerable<JsonElement> Deltas(RecordedExchange exchange, string type) =>
        exchange.Answers().Where(e => e.GetProperty("type").GetString() == type).Select(e => e.GetProperty("delta").GetProperty("message"));

    // No content is the same as null; stream is written always.
    private static string Normal(JsonElement request)
    {
        JsonObject body = JsonNode.Parse(request.GetRawText())!.AsObject();
        body["stream"] = body["stream"]?.GetValue<bool>() ?? false;
        foreach (JsonObject message in body["messages"]!.AsArray().OfType<JsonObject>().Where(m => m["content"] is null))
        {
            message.Remove("content");
        }
        return CodecBench.Canonical(JsonElement.Parse(body.ToJsonString()));
    }

    private static IEnumerable<RecordedExchange> Read() => All().Where(e => !e.Path.Contains("/v1/", StringComparison.Ordinal) && !(e.Status >= 400));

    private static RecordedExchange[] All() => Recorded.Value;

    private static readonly Lazy<RecordedExchange[]> Recorded = new(() =>
        [.. RecordedExchange.Read("cohere.chat").Concat(RecordedExchange.Read("response-only").Where(e => e.Wire == "cohere.chat"))]);
}
