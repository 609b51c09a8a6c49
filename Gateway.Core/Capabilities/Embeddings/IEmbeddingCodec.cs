using System.Text.Json;

namespace Gateway.Core.Capabilities.Embeddings;

/// <summary>One vendor's shape of embeddings.</summary>
public interface IEmbeddingCodec : IUpstreamCodec<EmbeddingRequest, EmbeddingAnswer>
{
    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape, or asks for what no other shape has.</exception>
    EmbeddingRequest ReadRequest(JsonElement body);

    /// <param name="request">As the client sent it: it chose the form of the vectors.</param>
    void WriteAnswer(EmbeddingAnswer answer, EmbeddingRequest request, Utf8JsonWriter json);
}
