using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini.Embeddings;

/// <summary>What a single embedding and one of a batch have in common.</summary>
internal static class GeminiEmbedding
{
    private static readonly (EmbeddingPurpose Purpose, string Task)[] Tasks =
    [
        (EmbeddingPurpose.SearchQuery, "RETRIEVAL_QUERY"),
        (EmbeddingPurpose.SearchDocument, "RETRIEVAL_DOCUMENT"),
        (EmbeddingPurpose.Classification, "CLASSIFICATION"),
        (EmbeddingPurpose.Clustering, "CLUSTERING"),
        (EmbeddingPurpose.Similarity, "SEMANTIC_SIMILARITY"),
        (EmbeddingPurpose.QuestionAnswering, "QUESTION_ANSWERING"),
        (EmbeddingPurpose.FactVerification, "FACT_VERIFICATION"),
        (EmbeddingPurpose.CodeQuery, "CODE_RETRIEVAL_QUERY"),
    ];

    public static EmbeddingRequest ReadRequest(JsonElement request)
    {
        int task = Array.FindIndex(Tasks, t => t.Task == request.Text("taskType"));
        return new EmbeddingRequest
        {
            Texts = [TextOf(request)],
            Dimensions = request.Whole32("outputDimensionality"),
            Purpose = task < 0 ? null : Tasks[task].Purpose,
            Others = OtherFields.Of(request, "content", "taskType", "outputDimensionality"),
        };
    }

    public static string TextOf(JsonElement request)
    {
        if (!request.Has("content", out JsonElement content))
        {
            throw new GenerationFormatException("'content' is missing.", "content");
        }
        return string.Join('\n', content.Items("parts").Select(p => p.Text("text")
            ?? throw new GenerationFormatException("The provider embeds text only; a part of the content is something else.", "content")));
    }

    public static void WriteRequest(string text, EmbeddingRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, request.Model.Contains('/') ? request.Model : "models/" + request.Model);
        json.WriteStartObject("content"u8);
        json.WriteStartArray("parts"u8);
        json.WriteStartObject();
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        if (request.Purpose is { } purpose)
        {
            json.WriteString("taskType"u8, Tasks[(int)purpose].Task);
        }
        if (request.Dimensions is { } dimensions)
        {
            json.WriteNumber("outputDimensionality"u8, dimensions);
        }
        json.WriteEndObject();
    }

    public static float[] VectorOf(JsonElement embedding) => embedding.Has("values", out JsonElement values)
        ? VectorText.Read(values)
        : throw new GenerationFormatException("An embedding has no 'values'.", "values");

    public static void WriteVector(float[] vector, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("values"u8);
        VectorText.WriteNumbers(json, vector);
        json.WriteEndObject();
    }

    public static void WriteUsage(EmbeddingAnswer answer, Utf8JsonWriter json)
    {
        if (answer.Usage.Source == UsageSource.Reported)
        {
            json.WriteStartObject("usageMetadata"u8);
            json.WriteNumber("promptTokenCount"u8, answer.Usage.InputTokens);
            json.WriteEndObject();
        }
    }
}
