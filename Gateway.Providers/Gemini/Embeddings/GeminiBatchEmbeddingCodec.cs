using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini.Embeddings;

/// <summary>Gemini's <c>:batchEmbedContents</c>. Source: Gemini API reference, Embeddings.</summary>
public sealed class GeminiBatchEmbeddingCodec : IEmbeddingCodec
{
    public Operation Operation => Operation.BatchEmbedContents;

    public EmbeddingRequest ReadRequest(JsonElement body)
    {
        JsonElement[] requests = [.. body.Items("requests")];
        if (requests.Length == 0)
        {
            throw new GenerationFormatException("'requests' must not be empty.", "requests");
        }
        // All of a batch are of one model and, in practice, of one purpose.
        EmbeddingRequest first = GeminiEmbedding.ReadRequest(requests[0]);
        return first with { Texts = [.. requests.Select(GeminiEmbedding.TextOf)] };
    }

    public void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteStartArray("requests"u8);
        foreach (string text in request.Texts)
        {
            GeminiEmbedding.WriteRequest(text, request, json);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        OtherFields.Lose(request.Others, notes);
    }

    public EmbeddingAnswer ReadAnswer(JsonElement body) =>
        new([.. body.Items("embeddings").Select(GeminiEmbedding.VectorOf)], UsageFields.Of(body).Usage);

    public void WriteAnswer(EmbeddingAnswer answer, EmbeddingRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("embeddings"u8);
        foreach (float[] vector in answer.Vectors)
        {
            GeminiEmbedding.WriteVector(vector, json);
        }
        json.WriteEndArray();
        GeminiEmbedding.WriteUsage(answer, json);
        json.WriteEndObject();
    }
}
