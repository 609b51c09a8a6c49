using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Tests.Generation;

/// <summary>A codec with JSON text and bytes on its outside.</summary>
internal sealed class CodecBench(IGenerationCodec codec)
{
    public GenerationRequest Read(string json, RequestLine line = default) => codec.ReadRequest(Parse(json), line, new ConversionNotes());

    public JsonElement Write(GenerationRequest request, ConversionNotes? notes = null) => Written(w => codec.WriteRequest(request, w, notes ?? new ConversionNotes()));

    public GenerationResponse ReadAnswer(string json) => codec.ReadResponse(Parse(json), new ConversionNotes());

    public JsonElement WriteAnswer(GenerationResponse response, ConversionNotes? notes = null) =>
        Written(w => codec.WriteResponse(response, Context(response.Origin), w, notes ?? new ConversionNotes()));

    public List<StreamEvent> ReadStream(ReadOnlySpan<byte> stream)
    {
        StreamFraming framing = codec.CreateFraming();
        StreamDecoder decoder = codec.CreateDecoder(new ConversionNotes());
        List<StreamEvent> events = [];
        while (framing.TryRead(stream, end: true, out StreamFrame frame))
        {
            decoder.Read(frame.EventName, frame.Data, events);
            stream = stream[frame.Length..];
        }
        decoder.Complete(events);
        return events;
    }

    public byte[] WriteStream(IEnumerable<StreamEvent> events, Wire? origin, ConversionNotes? notes = null)
    {
        var output = new ArrayBufferWriter<byte>();
        StreamEncoder encoder = codec.CreateEncoder(Context(origin), notes ?? new ConversionNotes());
        foreach (StreamEvent next in events)
        {
            encoder.Write(next, output);
        }
        return output.WrittenSpan.ToArray();
    }

    public GenerationResponse Fold(IEnumerable<StreamEvent> events)
    {
        var collector = new StreamCollector(codec.Wire);
        foreach (StreamEvent next in events)
        {
            collector.Add(next);
        }
        return collector.ToResponse();
    }

    /// <summary>The same for the same value, whatever order its members and whatever form its numbers have.</summary>
    public static string Canonical(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Undefined => "undefined",
        JsonValueKind.Object => "{" + string.Join(',', json.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"\"{p.Name}\":{Canonical(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', json.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.String => JsonSerializer.Serialize(json.GetString()),
        JsonValueKind.Number => json.GetDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => json.GetRawText(),
    };

    private static JsonElement Parse(string json) => JsonFields.Parse(Encoding.UTF8.GetBytes(json));

    private static JsonElement Written(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }
        return JsonFields.Parse(output.WrittenSpan);
    }

    private static ResponseContext Context(Wire? origin) => new()
    {
        Model = "alias",
        CallId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Now = DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = "alias", Messages = [] },
        Origin = origin,
    };
}
