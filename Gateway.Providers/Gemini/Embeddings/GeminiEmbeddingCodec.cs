using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini.Embeddings;

/// <summary>Gemini's <c>:embedContent</c>: one text, one vector. Source: Gemini API reference, Embeddings.</summary>
public sealed class GeminiEmbeddingCodec : IEmbeddingCodec
{
    public Operation Operation => Operation.EmbedContent;

    public EmbeddingRequest ReadRequest(JsonElement body) => GeminiEmbedding.ReadRequest(body);

    public void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        GeminiEmbedding.WriteRequest(request.Texts[0], request, json);
        OtherFields.Lose(request.Others, notes);
    }

    public EmbeddingAnswer ReadAnswer(JsonElement body) => body.Has("embedding", out JsonElement embedding)
        ? new EmbeddingAnswer([GeminiEmbedding.VectorOf(embedding)], UsageFields.Of(body).Usage)
        : throw new GenerationFormatException("There is no 'embedding'.", "embedding");

    public void WriteAnswer(EmbeddingAnswer answer, EmbeddingRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("embedding"u8);
        GeminiEmbedding.WriteVector(answer.Vectors[0], json);
        GeminiEmbedding.WriteUsage(answer, json);
        json.WriteEndObject();
    }
}
