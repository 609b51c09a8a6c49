using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Cohere.Reranking;

/// <summary>Cohere's <c>/v2/rerank</c>. Source: Cohere API reference, Rerank (v2).</summary>
public sealed class CohereRerankCodec : IRerankCodec
{
    public Operation Operation => Operation.CohereRerank;

    public RerankRequest ReadRequest(JsonElement body) => new()
    {
        Query = body.Text("query") ?? throw new GenerationFormatException("'query' must be a text.", "query"),
        Documents = RerankDocuments.Read(body),
        Top = body.Whole32("top_n"),
        ReturnDocuments = body.Flag("return_documents") ?? false,
        MaxTokensPerDocument = body.Whole32("max_tokens_per_doc"),
        Others = OtherFields.Of(body, "query", "documents", "top_n", "return_documents", "max_tokens_per_doc"),
    };

    public void WriteRequest(RerankRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, request.Model);
        json.WriteString("query"u8, request.Query);
        RerankDocuments.Write(request, json);
        if (request.Top is { } top)
        {
            json.WriteNumber("top_n"u8, top);
        }
        if (request.MaxTokensPerDocument is { } most)
        {
            json.WriteNumber("max_tokens_per_doc"u8, most);
        }
        json.WriteEndObject();
        OtherFields.Lose(request.Others, notes);
    }

    public RerankAnswer ReadAnswer(JsonElement body)
    {
        (Usage usage, BilledUnits? units) = UsageFields.Of(body);
        return new RerankAnswer(body.Text("id"), RerankDocuments.ReadResults(body, "results"), usage, units);
    }

    public void WriteAnswer(RerankAnswer answer, RerankRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, answer.Id ?? Guid.CreateVersion7().ToString());
        RerankDocuments.WriteResults(answer, request, json);
        RerankDocuments.WriteMeta(answer, json);
        json.WriteEndObject();
    }
}
