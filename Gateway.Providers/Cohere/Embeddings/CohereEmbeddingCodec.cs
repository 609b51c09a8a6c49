using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Cohere.Embeddings;

/// <summary>Cohere's <c>/v2/embed</c>. Source: Cohere API reference, Embed (v2).</summary>
public sealed class CohereEmbeddingCodec : IEmbeddingCodec
{
    public Operation Operation => Operation.CohereEmbed;

    public EmbeddingRequest ReadRequest(JsonElement body)
    {
        string[] types = [.. body.Items("embedding_types").Select(t => t.GetString() ?? "")];
        if (types.Any(t => t is not ("float" or "base64")))
        {
            throw new GenerationFormatException("The provider makes vectors of floats: 'embedding_types' may hold float or base64.", "embedding_types");
        }
        return new EmbeddingRequest
        {
            Texts = body.Items("texts").Select(t => t.GetString() ?? "").ToArray() is { Length: > 0 } texts
                ? texts
                : throw new GenerationFormatException("The provider embeds texts only: 'texts' must not be empty.", "texts"),
            Dimensions = body.Whole32("output_dimension"),
            Purpose = body.Text("input_type") switch
            {
                "search_query" => EmbeddingPurpose.SearchQuery,
                "search_document" => EmbeddingPurpose.SearchDocument,
                "classification" => EmbeddingPurpose.Classification,
                "clustering" => EmbeddingPurpose.Clustering,
                _ => null,
            },
            AsBase64 = types.Contains("base64"),
            Others = OtherFields.Of(body, "texts", "output_dimension", "input_type", "embedding_types", "max_tokens", "truncate"),
        };
    }

    public void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, request.Model);
        json.WriteStartArray("texts"u8);
        foreach (string text in request.Texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
        json.WriteString("input_type"u8, TypeOf(request, notes));
        json.WriteStartArray("embedding_types"u8);
        json.WriteStringValue("float"u8);
        json.WriteEndArray();
        if (request.Dimensions is { } dimensions)
        {
            json.WriteNumber("output_dimension"u8, dimensions);
        }
        json.WriteEndObject();
        OtherFields.Lose(request.Others, notes);
    }

    public EmbeddingAnswer ReadAnswer(JsonElement body)
    {
        if (!body.Has("embeddings", out JsonElement embeddings))
        {
            throw new GenerationFormatException("There are no 'embeddings'.", "embeddings");
        }
        // Version 1 has the vectors right there, version 2 by type.
        IEnumerable<JsonElement> vectors = embeddings.ValueKind == JsonValueKind.Array ? embeddings.EnumerateArray() : embeddings.Items("float");
        return new EmbeddingAnswer([.. vectors.Select(VectorText.Read)], UsageFields.Of(body).Usage);
    }

    public void WriteAnswer(EmbeddingAnswer answer, EmbeddingRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("embeddings"u8);
        json.WriteStartArray(request.AsBase64 ? "base64"u8 : "float"u8);
        foreach (float[] vector in answer.Vectors)
        {
            if (request.AsBase64)
            {
                VectorText.WriteBase64(json, vector);
            }
            else
            {
                VectorText.WriteNumbers(json, vector);
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("texts"u8);
        foreach (string text in request.Texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
        if (answer.Usage.Source == UsageSource.Reported)
        {
            json.WriteStartObject("meta"u8);
            json.WriteStartObject("billed_units"u8);
            json.WriteNumber("input_tokens"u8, answer.Usage.InputTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteString("response_type"u8, "embeddings_by_type"u8);
        json.WriteEndObject();
    }

    private static string TypeOf(EmbeddingRequest request, ConversionNotes notes)
    {
        switch (request.Purpose)
        {
            case EmbeddingPurpose.SearchQuery or EmbeddingPurpose.QuestionAnswering or EmbeddingPurpose.FactVerification or EmbeddingPurpose.CodeQuery:
                return "search_query";
            case EmbeddingPurpose.SearchDocument:
                return "search_document";
            case EmbeddingPurpose.Classification:
                return "classification";
            case EmbeddingPurpose.Clustering or EmbeddingPurpose.Similarity:
                return "clustering";
            default:
                notes.Bridge("input_type", "Cohere must be told a purpose; vectors of documents to search are assumed.");
                return "search_document";
        }
    }
}
