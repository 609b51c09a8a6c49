using System.Text.Json;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Core.Capabilities.Embeddings;

/// <summary>One vendor's shape of embeddings.</summary>
public interface IEmbeddingCodec : ICapabilityCodec
{
    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape, or asks for what no other shape has.</exception>
    EmbeddingRequest ReadRequest(JsonElement body);

    /// <param name="notes">Told of what cannot be said in this shape.</param>
    void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes);

    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape.</exception>
    EmbeddingAnswer ReadAnswer(JsonElement body);

    /// <param name="request">As the client sent it: it chose the form of the vectors.</param>
    void WriteAnswer(EmbeddingAnswer answer, EmbeddingRequest request, Utf8JsonWriter json);
}
