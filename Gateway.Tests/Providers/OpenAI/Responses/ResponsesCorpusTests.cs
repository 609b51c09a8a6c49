using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.OpenAI.Responses;

/// <summary>Every recorded exchange of the wire, through the codec and back.</summary>
public class ResponsesCorpusTests
{
    // Said in other words on the way back, with the same meaning: leading system messages join the instructions, defaults that
    // were spelled out are left out, a text input becomes a message, the deprecated name of the summary its new one.
    private static readonly string[] Normalised = ["input", "instructions", "truncation", "background", "text", "reasoning", "tool_choice", "stream", "include", "user", "safety_identifier", "metadata"];

    [Fact]
    public void Requests_ReadAndWritten_MeanTheSame()
    {
        List<string> failures = [];
        foreach (RecordedExchange exchange in RecordedExchange.Read("openai.responses").Where(e => e.Request is not null))
        {
            JsonElement expected = ResponsesWire.Parse(exchange.Request!);
            var notes = new ConversionNotes();
            GenerationRequest request = ResponsesWire.ReadRequest(exchange.Request!);
            JsonElement actual = ResponsesWire.WriteRequest(request, notes);
            string? difference = notes.Lossy ? "lost " + notes.Reasons[0].What : Compare(expected, actual, request);
            if (difference is not null)
            {
                failures.Add($"{exchange.Id}: {difference}");
            }
        }
        failures.ShouldBeEmpty();
    }

    [Fact]
    public void Answers_ReadAndWritten_MeanTheSame()
    {
        List<string> failures = [];
        foreach (RecordedExchange exchange in RecordedExchange.Read("openai.responses").Where(e => e.Status == 200 && !e.Stream))
        {
            JsonElement expected = ResponsesWire.Parse(Encoding.UTF8.GetString(exchange.Response));
            if (!expected.Has("output", out _))
            {
                continue;
            }
            GenerationResponse response = ResponsesWire.ReadResponse(Encoding.UTF8.GetString(exchange.Response));
            JsonElement actual = ResponsesWire.WriteResponse(response, exchange.Request is null ? null : ResponsesWire.ReadRequest(exchange.Request));
            foreach (string field in (ReadOnlySpan<string>)["object", "created_at", "status", "incomplete_details", "output", "usage", "billing_unknown", "moderation", "content_filters"])
            {
                expected.TryGetProperty(field, out JsonElement left);
                actual.TryGetProperty(field, out JsonElement right);
                bool inProgress = field == "status" && left.ValueEquals("queued") || left.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
                if (!inProgress && JsonDifference.Find(left, right, field) is { } difference)
                {
                    failures.Add($"{exchange.Id}: {difference}");
                }
            }
        }
        failures.ShouldBeEmpty();
    }

    [Fact]
    public void Answers_WrittenFromTheirParts_MeanTheSame()
    {
        List<string> failures = [];
        foreach (RecordedExchange exchange in RecordedExchange.Read("openai.responses").Where(e => e.Status == 200 && !e.Stream))
        {
            string json = Encoding.UTF8.GetString(exchange.Response);
            if (!ResponsesWire.Parse(json).Has("output", out _))
            {
                continue;
            }
            GenerationResponse first = ResponsesWire.ReadResponse(json);
            GenerationResponse made = first with { Candidates = [first.Candidates[0] with { Raw = null }], RawUsage = null };
            GenerationRequest? request = exchange.Request is null ? null : ResponsesWire.ReadRequest(exchange.Request);
            GenerationResponse second = ResponsesWire.ReadResponse(ResponsesWire.WriteResponse(made, request).GetRawText());
            if (Describe(first) != Describe(second))
            {
                failures.Add($"{exchange.Id}: {Describe(first)} | {Describe(second)}");
            }
        }
        failures.ShouldBeEmpty();
    }

    [Fact]
    public void Streams_Decoded_EqualTheAnswerTheyEndWith()
    {
        List<string> failures = [];
        foreach (RecordedExchange exchange in Streams())
        {
            if (exchange.Answers().LastOrDefault(a => a.Text("type") is "response.completed" or "response.incomplete") is not { ValueKind: JsonValueKind.Object } last)
            {
                continue;
            }
            GenerationResponse whole = ResponsesWire.ReadResponse(last.GetProperty("response").GetRawText());
            string expected = Describe(whole);
            string actual = Describe(Collect(ResponsesWire.Decode(exchange.Response)));
            if (expected != actual)
            {
                failures.Add($"{exchange.Id}: {expected} | {actual}");
            }
        }
        failures.ShouldBeEmpty();
    }

    [Fact]
    public void Streams_DecodedAndEncoded_DecodeToTheSameAnswer()
    {
        List<string> failures = [];
        foreach (RecordedExchange exchange in Streams())
        {
            List<StreamEvent> events = ResponsesWire.Decode(exchange.Response);
            StreamRules.Check(events).ShouldBeNull(exchange.Id);
            if (events.Exists(e => e.Kind == StreamEventKind.Error) || !events.Exists(e => e.Kind == StreamEventKind.End))
            {
                continue;
            }
            GenerationRequest? request = exchange.Request is null ? null : ResponsesWire.ReadRequest(exchange.Request);
            byte[] stream = ResponsesWire.Encode(events, request);
            ResponsesGrammar.Check(ResponsesWire.Frames(stream)).ShouldBeNull(exchange.Id);
            string expected = Describe(Collect(events));
            string actual = Describe(Collect(ResponsesWire.Decode(stream)));
            if (expected != actual)
            {
                failures.Add($"{exchange.Id}: {expected} | {actual}");
            }
        }
        failures.ShouldBeEmpty();
    }

    private static IEnumerable<RecordedExchange> Streams() =>
        RecordedExchange.Read("openai.responses").Where(e => e.Status == 200 && e.Stream);

    private static GenerationResponse Collect(List<StreamEvent> events)
    {
        var collector = new StreamCollector(Core.Catalog.Wire.OpenAIResponses);
        foreach (StreamEvent next in events)
        {
            collector.Add(next);
        }
        return collector.ToResponse();
    }

    private static string? Compare(JsonElement expected, JsonElement actual, GenerationRequest request)
    {
        foreach (JsonProperty field in expected.EnumerateObject())
        {
            if (Normalised.Contains(field.Name) || field.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }
            actual.TryGetProperty(field.Name, out JsonElement written);
            if (JsonDifference.Find(field.Value, written, field.Name) is { } difference)
            {
                return difference;
            }
        }
        if (expected.Has("include", out JsonElement include) && include.GetArrayLength() > 0 && JsonDifference.Find(include, actual.GetProperty("include"), "include") is { } included)
        {
            return included;
        }
        // What was read back is the same request, with the leading system messages where they were put.
        GenerationRequest again = ResponsesWire.ReadRequest(actual.GetRawText());
        return JsonDifference.Find(ResponsesWire.WriteRequest(again), actual)
            ?? (Describe(request) == Describe(again) ? null : $"{Describe(request)} | {Describe(again)}")
            ?? ItemsOf(expected, actual);
    }

    // Every item that is not part of the instructions is written as it came.
    private static string? ItemsOf(JsonElement expected, JsonElement actual)
    {
        if (!expected.Has("input", out JsonElement input) || input.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        List<JsonElement> items = [.. input.EnumerateArray().SkipWhile(i => i.Text("role") is "system" or "developer" && i.Text("type") is null or "message")];
        List<JsonElement> written = [.. actual.GetProperty("input").EnumerateArray()];
        return items.Count != written.Count ? $"{items.Count} items became {written.Count}"
            : items.Zip(written).Select(p => JsonDifference.Find(p.First, p.Second, "input")).FirstOrDefault(d => d is not null);
    }

    private static string Describe(GenerationRequest request) => string.Join(
        "; ",
        [
            .. request.Instructions.OfType<TextPart>().Select(t => t.Text),
            .. request.Messages.Select(m => $"{m.Role}: {string.Join(",", m.Parts.Select(Describe))}"),
            $"{request.Output?.Kind}, {request.Reasoning}, {request.ToolChoice?.Mode}, {request.Sampling}, {request.Stream}",
        ]).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal);

    private static string Describe(GenerationResponse response) =>
        $"{string.Join(",", response.Candidates.SelectMany(c => c.Parts).Select(Describe))} {(response.Candidates.Count == 0 ? FinishReason.Other : response.Candidates[0].Finish)} {response.Usage}";

    private static string Describe(Part part) => part switch
    {
        TextPart text => $"text {text.Text} [{string.Join(",", text.Citations.Select(c => c.Url + c.Title + c.Start + c.End))}]",
        // Upstreams encrypt the same thoughts anew for each event that holds them.
        ReasoningPart reasoning => $"thought {reasoning.Text} {reasoning.Signature is not null} {reasoning.Redacted}",
        ToolCallPart call => $"call {call.Id} {call.Name} {call.ArgumentsJson}",
        ToolResultPart result => $"result {result.CallId} {string.Join(",", result.Content.Select(Describe))}",
        RefusalPart refusal => $"refusal {refusal.Text}",
        MediaPart media => $"{media.Kind} {media.Source.Data?.Length} {media.Source.Url} {media.Source.FileId}",
        OpaquePart opaque => $"opaque {opaque.Type}",
        _ => part.ToString(),
    };
}
