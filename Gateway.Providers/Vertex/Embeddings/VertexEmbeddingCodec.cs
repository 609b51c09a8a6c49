using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Vertex.Embeddings;

/// <summary>Embeddings by Vertex AI's <c>:predict</c>. Source: Vertex AI, "Text embeddings API".</summary>
public sealed class VertexEmbeddingCodec : IUpstreamCodec<EmbeddingRequest, EmbeddingAnswer>
{
    // By EmbeddingPurpose.
    private static readonly string[] Tasks =
    [
        "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "CLASSIFICATION", "CLUSTERING", "SEMANTIC_SIMILARITY", "QUESTION_ANSWERING", "FACT_VERIFICATION",
        "CODE_RETRIEVAL_QUERY",
    ];

    public Operation Operation => Operation.Predict;

    public void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteStartArray("instances"u8);
        foreach (string text in request.Texts)
        {
            json.WriteStartObject();
            json.WriteString("content"u8, text);
            if (request.Purpose is { } purpose)
            {
                json.WriteString("task_type"u8, Tasks[(int)purpose]);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (request.Dimensions is { } dimensions)
        {
            json.WriteStartObject("parameters"u8);
            json.WriteNumber("outputDimensionality"u8, dimensions);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        OtherFields.Lose(request.Others, notes);
    }

    public EmbeddingAnswer ReadAnswer(JsonElement body)
    {
        var vectors = new List<float[]>();
        long tokens = 0;
        foreach (JsonElement prediction in body.Items("predictions"))
        {
            if (!prediction.Has("embeddings", out JsonElement embedding) || !embedding.Has("values", out JsonElement values))
            {
                throw new GenerationFormatException("A prediction has no vector.", "predictions");
            }
            vectors.Add(VectorText.Read(values));
            tokens += embedding.Has("statistics", out JsonElement statistics) ? Math.Clamp(statistics.Whole("token_count") ?? 0, 0, int.MaxValue) : 0;
        }
        return new EmbeddingAnswer(vectors, tokens > 0 ? new Usage(UsageSource.Reported, tokens, 0, 0, 0, 0) : default);
    }
}
