using System.Text.Json;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Capabilities.Reranking;

/// <summary>One vendor's shape of ranking documents.</summary>
public interface IRerankCodec : ICapabilityCodec
{
    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape, or asks for what no other shape has.</exception>
    RerankRequest ReadRequest(JsonElement body);

    /// <param name="notes">Told of what cannot be said in this shape.</param>
    void WriteRequest(RerankRequest request, Utf8JsonWriter json, ConversionNotes notes);

    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape.</exception>
    RerankAnswer ReadAnswer(JsonElement body);

    /// <param name="request">As the client sent it: documents that it wants back are taken from there.</param>
    void WriteAnswer(RerankAnswer answer, RerankRequest request, Utf8JsonWriter json);
}
