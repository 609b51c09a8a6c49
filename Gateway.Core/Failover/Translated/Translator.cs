using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Failover.Translated;

/// <summary>Turns a client's request into one of the backend's wire.</summary>
internal sealed class Translator(IReadOnlyDictionary<Wire, IGenerationCodec> codecs)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The translation, or why there is none.</summary>
    /// <param name="resumed">The answer that is to be gone on with; null begins one.</param>
    public GatewayError? Translate(Call call, Backend backend, Wire wire, ResumableAnswer? resumed, out Translation? translation)
    {
        translation = null;
        if (call.Envelope.Operation.GenerationWire() is not { } from
            || !codecs.TryGetValue(from, out IGenerationCodec? client)
            || !codecs.TryGetValue(wire, out IGenerationCodec? upstream))
        {
            return NotServable(call, backend);
        }
        if (call.Envelope.PreviousResponseId is { } unknown && call.Previous is null)
        {
            return PreviousResponse.NotFound(unknown, call.Store);
        }
        try
        {
            GenerationRequest request = call.Generation ??= Read(call, client);
            if (MessageThreads.Refusal(request, backend, wire) is { } newestTurnOnly)
            {
                return newestTurnOnly;
            }
            PrefillStyle style = Prefill.StyleOf(backend);
            if (resumed is not null)
            {
                resumed.Begin(style, call.Output.Tokens);
                request = Prefill.Continue(request, resumed, style);
            }
            var notes = new ConversionNotes();
            var body = new ArrayBufferWriter<byte>(call.Envelope.Body.Length + 512);
            using (var writer = new Utf8JsonWriter(body, Plain))
            {
                upstream.WriteRequest(request with { Model = backend.UpstreamModel }, writer, notes);
            }
            if (notes.Lossy && call.Plan.Model?.OnLoss == LossPolicy.Refuse)
            {
                return Refused(backend, notes);
            }
            ReadOnlyMemory<byte> written = resumed is null ? body.WrittenMemory : Prefill.Mark(body.WrittenMemory, style);
            translation = new Translation(client, upstream, notes, request, written) { Resumed = resumed };
            return null;
        }
        catch (GenerationFormatException e)
        {
            return new GatewayError(GatewayErrorKind.InvalidRequest, e.Message, e.Param);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Lone surrogates and the like, which the byte path never had to look at.
            return new GatewayError(GatewayErrorKind.InvalidJson, "The request body holds text that is not valid Unicode.");
        }
    }

    /// <summary>Reads and writes an answer of the client's own wire, to a request whose bytes travelled as they were; null where no codec can.</summary>
    public Translation? OfAnswer(Call call)
    {
        if (call.Envelope.Operation.GenerationWire() is not { } wire || !codecs.TryGetValue(wire, out IGenerationCodec? codec))
        {
            return null;
        }
        try
        {
            return new Translation(codec, codec, new ConversionNotes(), call.Generation ??= Read(call, codec), default);
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public static GatewayError NotServable(Call call, Backend backend) => new(
        GatewayErrorKind.NotServable,
        $"The provider {backend.Provider.Name} ({backend.Provider.Kind.ToName()}) does not serve {call.Envelope.Operation.ToName()}, and it cannot be translated. Choose another model or route.");

    private static GenerationRequest Read(Call call, IGenerationCodec client)
    {
        GenerationRequest request = client.ReadRequest(
            JsonFields.Parse(call.Envelope.Body.Span), new RequestLine(call.Exchange.PathModel, call.Envelope.Stream), new ConversionNotes());
        // The stored turns are in the body by now; the answer still says what it went on from.
        request = RequestDefaults.Apply(request, call.Plan.Model);
        return call.Previous is { } previous ? request with { PreviousResponseId = previous.Id } : request;
    }

    private static GatewayError Refused(Backend backend, ConversionNotes notes)
    {
        IEnumerable<string> lost = notes.Reasons.Where(r => r.Lossy).Select(r => $"{r.What} ({r.Why.TrimEnd('.')})");
        return new GatewayError(
            GatewayErrorKind.NotServable,
            $"The provider {backend.Provider.Name} cannot carry all of this request, and the model's policy refuses losses: {string.Join("; ", lost)}.",
            Code: "lossy_conversion");
    }
}
