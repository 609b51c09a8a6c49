using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Anthropic;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>The codec with JSON text on its outside, and what comes of it in words that can be compared.</summary>
internal static class AnthropicWire
{
    private static readonly AnthropicCodec Codec = new();

    public static GenerationRequest Read(string json, ConversionNotes? notes = null) =>
        Codec.ReadRequest(JsonFields.Parse(Encoding.UTF8.GetBytes(json)), default, notes ?? new ConversionNotes());

    public static JsonObject Write(GenerationRequest request, ConversionNotes? notes = null) =>
        Written(w => Codec.WriteRequest(request, w, notes ?? new ConversionNotes()));

    public static GenerationResponse ReadAnswer(string json) => Codec.ReadResponse(JsonFields.Parse(Encoding.UTF8.GetBytes(json)), new ConversionNotes());

    public static JsonObject WriteAnswer(GenerationResponse response, ConversionNotes? notes = null) =>
        Written(w => Codec.WriteResponse(response, Context(response.Origin), w, notes ?? new ConversionNotes()));

    public static List<StreamEvent> ReadStream(ReadOnlySpan<byte> stream, ConversionNotes? notes = null)
    {
        StreamFraming framing = Codec.CreateFraming();
        StreamDecoder decoder = Codec.CreateDecoder(notes ?? new ConversionNotes());
        List<StreamEvent> events = [];
        while (framing.TryRead(stream, end: true, out StreamFrame frame))
        {
            decoder.Read(frame.EventName, frame.Data, events);
            stream = stream[frame.Length..];
        }
        decoder.Complete(events);
        return events;
    }

    public static List<StreamEvent> ReadStream(string stream, ConversionNotes? notes = null) => ReadStream(Encoding.UTF8.GetBytes(stream), notes);

    public static string WriteStream(IEnumerable<StreamEvent> events, Wire? origin, ConversionNotes? notes = null)
    {
        var output = new ArrayBufferWriter<byte>();
        StreamEncoder encoder = Codec.CreateEncoder(Context(origin), notes ?? new ConversionNotes());
        foreach (StreamEvent next in events)
        {
            encoder.Write(next, output);
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static GenerationResponse Fold(IEnumerable<StreamEvent> events)
    {
        var collector = new StreamCollector(Wire.AnthropicMessages);
        foreach (StreamEvent next in events)
        {
            collector.Add(next);
        }
        return collector.ToResponse();
    }

    /// <summary>The data of each event of a written stream.</summary>
    public static List<JsonObject> DataOf(string stream) =>
        [.. stream.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[6..])!.AsObject())];

    /// <summary>Everything an answer means, in a line for each thing.</summary>
    public static string Describe(GenerationResponse response)
    {
        var text = new StringBuilder();
        foreach (Candidate candidate in response.Candidates)
        {
            foreach (Part part in candidate.Parts)
            {
                text.AppendLine(Describe(part));
            }
            text.AppendLine(CultureInfo.InvariantCulture, $"finish {candidate.Finish} {candidate.StopSequence}");
        }
        return text.AppendLine(response.Usage.ToString()).ToString();
    }

    private static string Describe(Part part) => part switch
    {
        TextPart t => $"text {t.Text} {string.Join(' ', t.Citations.Select(c => Canonical(c.Raw!.Json)))}",
        ReasoningPart r => $"reasoning {r.Text} {r.Signature} {r.Redacted} {r.Origin}",
        ToolCallPart c => $"call {c.Id} {c.Name} {Canonical(JsonFields.TryParse(c.ArgumentsJson))}",
        OpaquePart o => $"opaque {o.Type} {Canonical(o.Json)}",
        _ => part.ToString(),
    };

    /// <summary>The same for the same value, whatever order its members have.</summary>
    public static string Canonical(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Undefined => "undefined",
        JsonValueKind.Object => "{" + string.Join(',', json.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"\"{p.Name}\":{Canonical(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', json.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.String => JsonSerializer.Serialize(json.GetString()),
        _ => json.GetRawText(),
    };

    public static ResponseContext Context(Wire? origin = null) => new()
    {
        Model = "alias",
        CallId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Now = DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = "alias", Messages = [] },
        Origin = origin,
    };

    private static JsonObject Written(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }
}
