using System.Text.Json;

namespace Gateway.Core.Capabilities.Reranking;

/// <summary>One vendor's shape of ranking documents.</summary>
public interface IRerankCodec : IUpstreamCodec<RerankRequest, RerankAnswer>
{
    /// <exception cref="Generation.GenerationFormatException">The body is not of this shape, or asks for what no other shape has.</exception>
    RerankRequest ReadRequest(JsonElement body);

    /// <param name="request">As the client sent it: documents that it wants back are taken from there.</param>
    void WriteAnswer(RerankAnswer answer, RerankRequest request, Utf8JsonWriter json);
}
