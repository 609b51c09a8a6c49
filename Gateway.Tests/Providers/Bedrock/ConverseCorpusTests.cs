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
using Gateway.Providers.Bedrock.Converse;
using Gateway.Providers.Bedrock.EventStream;
using Gateway.Tests.Corpus;
using Gateway.Tests.Generation;
using Gateway.Tests.Providers.Anthropic;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Bedrock;

/// <summary>Every recorded exchange with Converse, through the canonical form and back.</summary>
public sealed class ConverseCorpusTests(ITestOutputHelper output)
{
    private static readonly CodecBench Codec = new(new ConverseCodec());
    private static readonly RequestLine Line = new("the-model", false);

    [Fact]
    public void Requests_ReadAndWrittenBack_MeanTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e.Request is not null))
        {
            var notes = new ConversionNotes();

            JsonElement written = Codec.Write(Codec.Read(exchange.Request!, Line), notes);

            Normal(written.GetRawText()).ShouldBe(Normal(exchange.Request!), exchange.Id);
            notes.Lossy.ShouldBeFalse($"{exchange.Id}: {string.Join(", ", notes.Reasons.Select(r => r.What))}");
            count++;
        }
        output.WriteLine($"{count} requests");
        count.ShouldBeGreaterThan(130);
    }

    [Fact]
    public void Requests_WrittenFromTheirPartsAlone_ReadTheSame()
    {
        foreach (RecordedExchange exchange in Read().Where(e => e.Request is not null && e.Status < 400))
        {
            GenerationRequest request = Codec.Read(exchange.Request!, Line);
            GenerationRequest bare = request with { Messages = [.. request.Messages.Select(m => m with { Raw = null })] };

            GenerationRequest again = Codec.Read(Codec.Write(bare).GetRawText(), Line);

            Describe(again).ShouldBe(Describe(request), exchange.Id);
        }
    }

    [Fact]
    public void Answers_ReadAndWrittenBack_HoldWhatTheyHeld()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e is { Stream: false, Status: < 400 }))
        {
            string body = Encoding.UTF8.GetString(exchange.Response);
            GenerationResponse response = Codec.ReadAnswer(body);
            var notes = new ConversionNotes();

            JsonElement written = Codec.WriteAnswer(response, notes);

            JsonElement recorded = JsonElement.Parse(body);
            CodecBench.Canonical(written.GetProperty("stopReason")).ShouldBe(CodecBench.Canonical(recorded.GetProperty("stopReason")), exchange.Id);
            AnthropicWire.Describe(Codec.ReadAnswer(written.GetRawText())).ShouldBe(AnthropicWire.Describe(response), exchange.Id);
            string text = string.Concat(recorded.GetProperty("output").GetProperty("message").GetProperty("content").EnumerateArray()
                .Select(b => b.TryGetProperty("text", out JsonElement t) ? t.GetString()
                    : b.TryGetProperty("citationsContent", out JsonElement c) ? string.Concat(c.GetProperty("content").EnumerateArray().Select(p => p.GetProperty("text").GetString())) : ""));
            response.ContentText.ShouldBe(text, exchange.Id);
            response.Usage.OutputTokens.ShouldBe(recorded.GetProperty("usage").GetProperty("outputTokens").GetInt64(), exchange.Id);
            notes.Lossy.ShouldBeFalse($"{exchange.Id}: {string.Join(", ", notes.Reasons.Select(r => r.What))}");
            count++;
        }
        output.WriteLine($"{count} answers");
        count.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Streams_Folded_HoldWhatTheirEventsHold()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Streams())
        {
            List<StreamEvent> events = Codec.ReadStream(exchange.Response);
            AnthropicStreamRules.Check(events, exchange.Id);
            GenerationResponse response = Codec.Fold(events);

            string text = string.Concat(Deltas(exchange).Select(d => d.TryGetProperty("text", out JsonElement t) ? t.GetString() : ""));
            response.ContentText.ShouldBe(text, exchange.Id);
            string arguments = string.Concat(Deltas(exchange).Select(d => d.TryGetProperty("toolUse", out JsonElement t) && t.TryGetProperty("input", out JsonElement i) ? i.GetString() : ""));
            Part[] parts = [.. response.Candidates.SelectMany(c => c.Parts)];
            bool any = Frames(exchange).Exists(f => f.Name == "contentBlockStart" && f.Data.Contains("toolUseId", StringComparison.Ordinal));
            (parts.OfType<ToolCallPart>().Any() || parts.OfType<OpaquePart>().Any()).ShouldBe(any, exchange.Id);
            if (parts.OfType<OpaquePart>().FirstOrDefault() is null)
            {
                string.Concat(parts.OfType<ToolCallPart>().Select(c => c.ArgumentsJson)).ShouldBe(arguments, exchange.Id);
            }
            count++;
        }
        output.WriteLine($"{count} streams");
        count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Streams_WrittenAgain_DecodeToTheSame()
    {
        foreach (RecordedExchange exchange in Streams())
        {
            List<StreamEvent> events = Codec.ReadStream(exchange.Response);
            var notes = new ConversionNotes();

            List<StreamEvent> again = Codec.ReadStream(Codec.WriteStream(events, Wire.BedrockConverse, notes));

            AnthropicStreamRules.Check(again, exchange.Id);
            AnthropicWire.Describe(Codec.Fold(again)).ShouldBe(AnthropicWire.Describe(Codec.Fold(events)), exchange.Id);
            again[^1].Kind.ShouldBe(StreamEventKind.End, exchange.Id);
            notes.Lossy.ShouldBeFalse(exchange.Id);
        }
    }

    [Fact]
    public void Streams_ThatEndByAnException_HaveNoEndAndSayWhichStatus()
    {
        var codes = new List<int>();
        foreach (RecordedExchange exchange in Read().Where(e => e.Stream && e.Status < 400 && e.Tags.Contains("error_in_stream")))
        {
            List<StreamEvent> events = Codec.ReadStream(exchange.Response);

            events.ShouldNotContain(e => e.Kind == StreamEventKind.End, exchange.Id);
            codes.Add(events.Single(e => e.Kind == StreamEventKind.Error).Json.GetProperty("code").GetInt32());
        }
        codes.ShouldBe([502, 429], ignoreOrder: true);
    }

    [Fact]
    public void Decoder_AnyValueAnywhere_ThrowsNothingButWhatItSays()
    {
        RecordedExchange[] streams = [.. Streams()];
        string[] values = ["null", "true", "7", "\"x\"", "[]", "{}", "[1]", "{\"toolUse\":1}"];

        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Choose(0, streams.Length - 1).ToArbitrary(), Gen.Choose(0, 100_000).ToArbitrary(), Gen.Elements(values).ToArbitrary(), (which, seed, value) =>
        {
            StreamDecoder decoder = new ConverseCodec().CreateDecoder(new ConversionNotes());
            var events = new List<StreamEvent>();
            foreach ((string name, string data) in Frames(streams[which]))
            {
                try
                {
                    decoder.Read(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(Mutated(data, value, ref seed)), events);
                }
                catch (Exception e) when (e is GenerationFormatException or JsonException)
                {
                    return;
                }
            }
            decoder.Complete(events);
        }));
    }

    // Replaces the value of one member, chosen by the seed.
    private static string Mutated(string data, string value, ref int seed)
    {
        JsonNode node = JsonNode.Parse(data)!;
        List<(JsonObject Holder, string Name)> members = [];
        Collect(node, members);
        int at = seed % (members.Count + 3);
        seed = (seed * 31) + 7 & 0xFFFFF;
        if (at < members.Count)
        {
            members[at].Holder[members[at].Name] = JsonNode.Parse(value);
        }
        return node.ToJsonString();

        static void Collect(JsonNode? node, List<(JsonObject, string)> members)
        {
            if (node is JsonObject json)
            {
                foreach ((string name, JsonNode? child) in json)
                {
                    members.Add((json, name));
                    Collect(child, members);
                }
            }
        }
    }

    private static List<(string Name, string Data)> Frames(RecordedExchange exchange)
    {
        var framing = new EventStreamFraming();
        List<(string, string)> frames = [];
        ReadOnlySpan<byte> rest = exchange.Response;
        while (framing.TryRead(rest, end: true, out StreamFrame frame))
        {
            frames.Add((Encoding.UTF8.GetString(frame.EventName), Encoding.UTF8.GetString(frame.Data)));
            rest = rest[frame.Length..];
        }
        return frames;
    }

    private static IEnumerable<JsonElement> Deltas(RecordedExchange exchange) =>
        Frames(exchange).Select(f => JsonElement.Parse(f.Data)).Where(d => d.TryGetProperty("delta", out _)).Select(d => d.GetProperty("delta"));

    private static string Describe(GenerationRequest request)
    {
        var text = new StringBuilder();
        Role? last = null;
        foreach (Message message in request.Messages)
        {
            // Turns of the same role may be joined.
            if (last != message.Role)
            {
                text.AppendLine(message.Role.ToString());
                last = message.Role;
            }
            // Blank texts are refused and so left out.
            foreach (Part part in message.Parts.Where(p => p is not TextPart t || !string.IsNullOrWhiteSpace(t.Text)))
            {
                text.AppendLine(part is ToolResultPart result
                    ? $"result {result.CallId} {result.IsError} {string.Join('|', result.Content.Select(Describe))}"
                    : Describe(part));
            }
        }
        return text.ToString();
    }

    private static string Describe(Part part) => part switch
    {
        OpaquePart opaque => CodecBench.Canonical(opaque.Json),
        ToolCallPart call => $"{call.Id} {call.Name} {CodecBench.Canonical(JsonFields.TryParse(call.ArgumentsJson))}",
        TextPart text => $"{text.Text} {text.Citations.Count}",
        _ => (part with { Cache = null }).ToString(),
    };

    // Empty lists and objects say nothing; a schema is JSON within a string; a number is a number.
    private static string Normal(string json)
    {
        JsonObject body = JsonNode.Parse(json)!.AsObject();
        foreach (JsonObject holder in (JsonObject[])[.. body.Select(p => p.Value).OfType<JsonObject>().Where(o => o.ContainsKey("stopSequences")), body])
        {
            foreach (string name in holder.Where(p => p.Value is JsonObject { Count: 0 } or JsonArray { Count: 0 }).Select(p => p.Key).ToArray())
            {
                holder.Remove(name);
            }
        }
        if (body["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"] is JsonObject schema)
        {
            schema["schema"] = JsonNode.Parse(schema["schema"]!.GetValue<string>());
        }
        return CodecBench.Canonical(JsonElement.Parse(body.ToJsonString()));
    }

    private static IEnumerable<RecordedExchange> Streams() => Read().Where(e => e is { Stream: true, Status: < 400 } && !e.Tags.Contains("error_in_stream"));

    private static IEnumerable<RecordedExchange> Read() =>
        RecordedExchange.Read("bedrock.converse").Concat(
            new[] { "response-only", "errors-observed" }.SelectMany(RecordedExchange.Read).Where(e => e.Wire == "bedrock.converse"));
}
