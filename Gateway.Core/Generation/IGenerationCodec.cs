using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Core.Generation;

/// <summary>
/// Reads one wire into the canonical form and writes it from there, for requests, answers and streams. Safe for concurrent
/// use. What a wire cannot carry is never dropped in silence: it goes into the <see cref="ConversionNotes"/>.
/// </summary>
public interface IGenerationCodec
{
    Wire Wire { get; }

    /// <param name="line">What the wire puts in the path instead of the body.</param>
    /// <exception cref="GenerationFormatException">Something in it has a shape that the wire does not know.</exception>
    GenerationRequest ReadRequest(JsonElement json, RequestLine line, ConversionNotes notes);

    /// <summary>Writes the request's body; its model is the upstream's already.</summary>
    void WriteRequest(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes);

    /// <exception cref="GenerationFormatException">It is not an answer of this wire.</exception>
    GenerationResponse ReadResponse(JsonElement json, ConversionNotes notes);

    void WriteResponse(GenerationResponse response, ResponseContext context, Utf8JsonWriter writer, ConversionNotes notes);

    /// <summary>Finds the events in a stream's bytes; one instance a stream.</summary>
    StreamFraming CreateFraming();

    /// <summary>Reads a stream's events; one instance a stream.</summary>
    StreamDecoder CreateDecoder(ConversionNotes notes);

    /// <summary>Writes a stream; one instance a stream.</summary>
    StreamEncoder CreateEncoder(ResponseContext context, ConversionNotes notes);
}
