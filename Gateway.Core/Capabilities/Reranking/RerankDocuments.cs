using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Core.Capabilities.Reranking;

/// <summary>What all shapes of ranking have in common.</summary>
public static class RerankDocuments
{
    /// <summary>Texts, or objects that have one.</summary>
    /// <exception cref="GenerationFormatException">There are none, or one is something else.</exception>
    public static IReadOnlyList<string> Read(JsonElement body)
    {
        string[] documents = [.. body.Items("documents").Select(d => d.ValueKind == JsonValueKind.String ? d.GetString()! : d.Text("text")
            ?? throw new GenerationFormatException("The provider ranks texts only; one of the documents is something else.", "documents"))];
        return documents.Length > 0 ? documents : throw new GenerationFormatException("'documents' must not be empty.", "documents");
    }

    public static void Write(RerankRequest request, Utf8JsonWriter json)
    {
        json.WriteStartArray("documents"u8);
        foreach (string document in request.Documents)
        {
            json.WriteStringValue(document);
        }
        json.WriteEndArray();
    }

    /// <exception cref="GenerationFormatException">An item has no place.</exception>
    public static IReadOnlyList<RankedDocument> ReadResults(JsonElement body, string name) =>
    [
        .. body.Items(name).Select(r => new RankedDocument(
            r.Whole32("index") ?? throw new GenerationFormatException("A result has no 'index'.", name),
            r.Number("relevance_score") ?? r.Number("score") ?? throw new GenerationFormatException("A result has no 'relevance_score'.", name))),
    ];

    public static void WriteResults(RerankAnswer answer, RerankRequest request, Utf8JsonWriter json)
    {
        json.WriteStartArray("results"u8);
        foreach (RankedDocument result in answer.Results)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, result.Index);
            json.WriteNumber("relevance_score"u8, result.Score);
            if (request.ReturnDocuments && result.Index >= 0 && result.Index < request.Documents.Count)
            {
                json.WriteStartObject("document"u8);
                json.WriteString("text"u8, request.Documents[result.Index]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Cohere's <c>meta.billed_units</c>, where anything was billed.</summary>
    public static void WriteMeta(RerankAnswer answer, Utf8JsonWriter json)
    {
        if (answer.Units is not { } units)
        {
            return;
        }
        json.WriteStartObject("meta"u8);
        json.WriteStartObject("billed_units"u8);
        json.WriteNumber(units.Name + "s", units.Count);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
