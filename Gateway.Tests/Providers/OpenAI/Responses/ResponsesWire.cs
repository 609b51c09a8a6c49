using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.OpenAI.Responses;

namespace Gateway.Tests.Providers.OpenAI.Responses;

/// <summary>Runs the codec from text to text.</summary>
internal static class ResponsesWire
{
    public static ResponsesCodec Codec { get; } = new();

    public static GenerationRequest NoRequest { get; } = new() { Model = "m", Messages = [] };

    public static GenerationRequest ReadRequest(string json) => Codec.ReadRequest(Parse(json), default, new ConversionNotes());

    public static JsonElement WriteRequest(GenerationRequest request, ConversionNotes? notes = null) =>
        Write(w => Codec.WriteRequest(request, w, notes ?? new ConversionNotes()));

    public static GenerationResponse ReadResponse(string json) => Codec.ReadResponse(Parse(json), new ConversionNotes());

    public static JsonElement WriteResponse(GenerationResponse response, GenerationRequest? request = null, ConversionNotes? notes = null) =>
        Write(w => Codec.WriteResponse(response, Context(request, response.Origin), w, notes ?? new ConversionNotes()));

    public static List<StreamEvent> Decode(ReadOnlySpan<byte> stream)
    {
        StreamFraming framing = Codec.CreateFraming();
        StreamDecoder decoder = Codec.CreateDecoder(new ConversionNotes());
        List<StreamEvent> events = [];
        while (framing.TryRead(stream, end: true, out StreamFrame frame))
        {
            decoder.Read(frame.EventName, frame.Data, events);
            stream = stream[frame.Length..];
        }
        decoder.Complete(events);
        return events;
    }

    public static List<StreamEvent> Decode(string stream) => Decode(Encoding.UTF8.GetBytes(stream));

    public static byte[] Encode(IEnumerable<StreamEvent> events, GenerationRequest? request = null, Wire? origin = Wire.OpenAIResponses, ConversionNotes? notes = null)
    {
        StreamEncoder encoder = Codec.CreateEncoder(Context(request, origin), notes ?? new ConversionNotes());
        var output = new ArrayBufferWriter<byte>();
        foreach (StreamEvent next in events)
        {
            encoder.Write(next, output);
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The JSON of each event of an encoded stream.</summary>
    public static List<JsonElement> Frames(byte[] stream) =>
        [.. Encoding.UTF8.GetString(stream).Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => Parse(l[6..]))];

    public static JsonElement Parse(string json) => JsonFields.Parse(Encoding.UTF8.GetBytes(json));

    private static ResponseContext Context(GenerationRequest? request, Wire? origin) => new()
    {
        Model = "alias",
        CallId = new Guid("01234567-89ab-cdef-0123-456789abcdef"),
        Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Request = request ?? NoRequest,
        Origin = origin,
    };

    private static JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
