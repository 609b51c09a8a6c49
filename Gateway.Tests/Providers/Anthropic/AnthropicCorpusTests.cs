using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Every recorded exchange with Anthropic, through the canonical form and back.</summary>
public sealed class AnthropicCorpusTests(ITestOutputHelper output)
{
    [Fact]
    public void Requests_ReadAndWrittenBack_MeanTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e.Request is not null && e.Status < 400))
        {
            var notes = new ConversionNotes();

            JsonObject written = AnthropicWire.Write(AnthropicWire.Read(exchange.Request!, notes), notes);

            JsonObject expected = AnthropicNormal.Request(JsonNode.Parse(exchange.Request!)!.AsObject());
            JsonObject actual = AnthropicNormal.Request(written);
            JsonNode.DeepEquals(actual, expected).ShouldBeTrue($"{exchange.Id}\n{actual}\nexpected\n{expected}");
            notes.Lossy.ShouldBeFalse($"{exchange.Id}: {string.Join(", ", notes.Reasons.Select(r => r.What))}");
            count++;
        }
        output.WriteLine($"{count} requests");
    }

    [Fact]
    public void Answers_ReadAndWrittenBack_HoldWhatTheyHeld()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Read().Where(e => e is { Stream: false, Status: < 400 }))
        {
            string body = Encoding.UTF8.GetString(exchange.Response);

            JsonObject written = AnthropicWire.WriteAnswer(AnthropicWire.ReadAnswer(body));

            foreach ((string name, JsonNode? value) in JsonNode.Parse(body)!.AsObject().Where(p => p.Key != "model"))
            {
                JsonNode.DeepEquals(written[name], value).ShouldBeTrue($"{exchange.Id}, {name}: {written[name]}\nexpected {value}");
            }
            count++;
        }
        output.WriteLine($"{count} answers");
    }

    [Fact]
    public void Streams_Folded_MeanWhatTheirEventsSay()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Streams())
        {
            GenerationResponse response = AnthropicWire.Fold(AnthropicWire.ReadStream(exchange.Response));

            GenerationResponse whole = AnthropicWire.ReadAnswer(AnthropicNormal.WholeOf(exchange).ToJsonString());
            AnthropicWire.Describe(response).ShouldBe(AnthropicWire.Describe(whole), exchange.Id);
            count++;
        }
        output.WriteLine($"{count} streams");
    }

    [Fact]
    public void Streams_WrittenAgain_DecodeToTheSame()
    {
        int count = 0;
        foreach (RecordedExchange exchange in Streams())
        {
            List<StreamEvent> events = AnthropicWire.ReadStream(exchange.Response);
            AnthropicStreamRules.Check(events, exchange.Id);

            List<StreamEvent> again = AnthropicWire.ReadStream(AnthropicWire.WriteStream(events, Wire.AnthropicMessages));

            AnthropicStreamRules.Check(again, exchange.Id);
            AnthropicWire.Describe(AnthropicWire.Fold(again)).ShouldBe(AnthropicWire.Describe(AnthropicWire.Fold(events)), exchange.Id);
            (again.Count(e => e.Kind == StreamEventKind.End) == events.Count(e => e.Kind == StreamEventKind.End)).ShouldBeTrue(exchange.Id);
            count++;
        }
        output.WriteLine($"{count} streams");
    }

    [Fact]
    public void Streams_ThatBreakOrReportAnError_HaveNoEnd()
    {
        foreach (RecordedExchange exchange in Read().Where(e => e.Stream && e.Status < 400 && e.Tags.Contains("error_in_stream")))
        {
            List<StreamEvent> events = AnthropicWire.ReadStream(exchange.Response);

            events.ShouldNotContain(e => e.Kind == StreamEventKind.End, exchange.Id);
            events.Any(e => e.Kind == StreamEventKind.Error && e.Json.ValueKind == JsonValueKind.Object).ShouldBe(!exchange.Tags.Contains("truncated"), exchange.Id);
        }
    }

    private static IEnumerable<RecordedExchange> Streams() => Read().Where(e => e is { Stream: true, Status: < 400 } && !e.Tags.Contains("error_in_stream"));

    private static IEnumerable<RecordedExchange> Read() =>
        RecordedExchange.Read("anthropic.messages").Concat(
            new[] { "response-only", "errors-observed" }.SelectMany(RecordedExchange.Read).Where(e => e.Wire == "anthropic.messages"));
}
