using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Replay;

namespace Gateway.Providers;

/// <summary>
/// Turns requests, answers and streams of one wire into those of another, as raw JSON or typed, and reports what was bridged and
/// what was lost. Bodies of one and the same wire come back as they are. Safe for concurrent use.
/// </summary>
public static class Transcoder
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A request of <paramref name="from"/> as the body that <paramref name="to"/> takes.</summary>
    /// <param name="line">Model and stream flag, for wires that have them in the path.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="GenerationFormatException">It is not a request of that wire.</exception>
    public static ConversionReport<JsonElement> Request(Wire from, Wire to, ReadOnlySpan<byte> json, RequestLine line = default)
    {
        var notes = new ConversionNotes();
        JsonElement body = JsonFields.Parse(json);
        if (from == to)
        {
            return notes.Report(body);
        }
        notes.Cross();
        return notes.Report(Write(CodecOf(from).ReadRequest(body, line, notes), (r, w) => CodecOf(to).WriteRequest(r, w, notes)));
    }

    /// <inheritdoc cref="Request(Wire, Wire, ReadOnlySpan{byte}, RequestLine)"/>
    public static ConversionReport<JsonElement> Request(Wire from, Wire to, string json, RequestLine line = default) =>
        Request(from, to, System.Text.Encoding.UTF8.GetBytes(json), line);

    /// <summary>A request as the canonical form has it.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="GenerationFormatException">It is not a request of that wire.</exception>
    public static ConversionReport<GenerationRequest> ReadRequest(Wire from, ReadOnlySpan<byte> json, RequestLine line = default)
    {
        var notes = new ConversionNotes();
        return notes.Report(CodecOf(from).ReadRequest(JsonFields.Parse(json), line, notes));
    }

    /// <summary>A typed request as the body that <paramref name="to"/> takes.</summary>
    public static ConversionReport<JsonElement> WriteRequest(Wire to, GenerationRequest request)
    {
        var notes = new ConversionNotes();
        return notes.Report(Write(request, (r, w) => CodecOf(to).WriteRequest(r, w, notes)));
    }

    /// <summary>A typed request as it goes to an API of that wire: the path below the API's base address, and the body.</summary>
    public static ConversionReport<TransportRequest> TransportRequest(Wire to, GenerationRequest request)
    {
        ConversionReport<JsonElement> body = WriteRequest(to, request);
        string model = request.Model;
        string path = to switch
        {
            Wire.Gemini => $"models/{model}:{(request.Stream ? "streamGenerateContent?alt=sse" : Operation.GenerateContent.ToPath())}",
            Wire.BedrockConverse => $"model/{Uri.EscapeDataString(model)}/{(request.Stream ? "converse-stream" : Operation.Converse.ToPath())}",
            _ => Enum.GetValues<Operation>().First(o => o.GenerationWire() == to).ToPath(),
        };
        return new ConversionReport<TransportRequest>(new TransportRequest("POST", path, [], TransportBody.OfJson(body.Value)), body.Bridged, body.Lossy, body.Reasons);
    }

    /// <summary>An answer of <paramref name="from"/> as <paramref name="to"/> has it.</summary>
    /// <param name="context">What the answer needs besides; null takes the answer's own model and the time of now.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="GenerationFormatException">It is not an answer of that wire.</exception>
    public static ConversionReport<JsonElement> Response(Wire from, Wire to, ReadOnlySpan<byte> json, ResponseContext? context = null)
    {
        var notes = new ConversionNotes();
        JsonElement body = JsonFields.Parse(json);
        if (from == to)
        {
            return notes.Report(body);
        }
        notes.Cross();
        GenerationResponse response = CodecOf(from).ReadResponse(body, notes);
        return notes.Report(Write(response, (r, w) => CodecOf(to).WriteResponse(r, context ?? ContextOf(r, from), w, notes)));
    }

    /// <summary>An answer as the canonical form has it.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="GenerationFormatException">It is not an answer of that wire.</exception>
    public static ConversionReport<GenerationResponse> ReadResponse(Wire from, ReadOnlySpan<byte> json)
    {
        var notes = new ConversionNotes();
        return notes.Report(CodecOf(from).ReadResponse(JsonFields.Parse(json), notes));
    }

    /// <summary>A typed answer as <paramref name="to"/> has it.</summary>
    public static ConversionReport<JsonElement> WriteResponse(Wire to, GenerationResponse response, ResponseContext? context = null)
    {
        var notes = new ConversionNotes();
        return notes.Report(Write(response, (r, w) => CodecOf(to).WriteResponse(r, context ?? ContextOf(r, r.Origin), w, notes)));
    }

    /// <summary>A stream that is translated piece by piece, as it arrives.</summary>
    /// <param name="context">What the answer needs besides.</param>
    public static StreamTranscoder Stream(Wire from, Wire to, ResponseContext context) => new(CodecOf(from), CodecOf(to), context);

    private static IGenerationCodec CodecOf(Wire wire) => ProviderRegistry.Codecs.First(c => c.Wire == wire);

    private static ResponseContext ContextOf(GenerationResponse response, Wire? origin) => new()
    {
        Model = response.Model ?? "",
        CallId = Guid.CreateVersion7(),
        Now = response.CreatedAt ?? DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = response.Model ?? "", Messages = [] },
        Origin = origin,
    };

    private static JsonElement Write<T>(T value, Action<T, Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(output, Plain))
        {
            write(value, writer);
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
