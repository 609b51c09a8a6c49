using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Bedrock.Invoke;

/// <summary>
/// Embeddings by Bedrock's InvokeModel, whose bodies are each model's own: Cohere's Embed and Amazon's Titan. Source: Amazon Bedrock
/// user guide, "Inference request parameters".
/// </summary>
public sealed class InvokeEmbeddingCodec : IUpstreamCodec<EmbeddingRequest, EmbeddingAnswer>
{
    public Operation Operation => Operation.InvokeModel;

    public void WriteRequest(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        if (request.Model.Contains("cohere.", StringComparison.OrdinalIgnoreCase))
        {
            WriteCohere(request, json, notes);
        }
        else if (request.Model.Contains("titan-embed", StringComparison.OrdinalIgnoreCase))
        {
            WriteTitan(request, json, notes);
        }
        else
        {
            throw new GenerationFormatException("Embeddings on Bedrock are served by models of Cohere (cohere.embed-…) and Titan (amazon.titan-embed-…).", "model");
        }
        OtherFields.Lose(request.Others, notes);
    }

    private static void WriteCohere(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteStartArray("texts"u8);
        foreach (string text in request.Texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
        json.WriteString("input_type"u8, TypeOf(request.Purpose, notes));
        if (request.Dimensions is { } dimensions)
        {
            json.WriteNumber("output_dimension"u8, dimensions);
        }
        json.WriteEndObject();
    }

    private static string TypeOf(EmbeddingPurpose? purpose, ConversionNotes notes)
    {
        string? type = purpose switch
        {
            null or EmbeddingPurpose.SearchDocument => "search_document",
            EmbeddingPurpose.SearchQuery or EmbeddingPurpose.QuestionAnswering or EmbeddingPurpose.CodeQuery => "search_query",
            EmbeddingPurpose.Classification => "classification",
            EmbeddingPurpose.Clustering => "clustering",
            _ => null,
        };
        if (type is null)
        {
            notes.Lose("task", "Cohere has no such purpose; the vectors are made for clustering.");
        }
        return type ?? "clustering";
    }

    private static void WriteTitan(EmbeddingRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        if (request.Texts.Count > 1)
        {
            throw new GenerationFormatException("Titan embeds one text for each request.", "input");
        }
        if (request.Purpose is not null)
        {
            notes.Lose("task", "Titan does not ask what vectors are for.");
        }
        json.WriteStartObject();
        json.WriteString("inputText"u8, request.Texts[0]);
        if (request.Dimensions is { } dimensions)
        {
            json.WriteNumber("dimensions"u8, dimensions);
        }
        json.WriteEndObject();
    }

    public EmbeddingAnswer ReadAnswer(JsonElement body)
    {
        if (body.Has("embedding", out JsonElement one))
        {
            long? tokens = body.Whole("inputTextTokenCount");
            return new EmbeddingAnswer([VectorText.Read(one)], tokens is { } count ? new Usage(UsageSource.Reported, Math.Clamp(count, 0, int.MaxValue), 0, 0, 0, 0) : default);
        }
        if (!body.Has("embeddings", out JsonElement many))
        {
            throw new GenerationFormatException("There are no 'embeddings'.", "embeddings");
        }
        // Right there up to version 3, by type from version 4 on.
        JsonElement vectors = many.Has("float", out JsonElement floats) ? floats : many;
        return vectors.ValueKind == JsonValueKind.Array
            ? new EmbeddingAnswer([.. vectors.EnumerateArray().Select(VectorText.Read)], default)
            : throw new GenerationFormatException("The 'embeddings' are no list.", "embeddings");
    }
}
