using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.OpenAI.Reranking;

/// <summary>
/// <c>/v1/rerank</c> as Jina made it and vLLM, Together and others have it; Voyage calls two of its fields otherwise
/// (<c>top_k</c>, <c>data</c>). Source: Jina and Voyage API references, vLLM's OpenAI-compatible server.
/// </summary>
public sealed class RerankCodec : IRerankCodec
{
    public Operation Operation => Operation.Rerank;

    public RerankRequest ReadRequest(JsonElement body) => new()
    {
        Query = body.Text("query") ?? throw new GenerationFormatException("'query' must be a text.", "query"),
        Documents = RerankDocuments.Read(body),
        Top = body.Whole32("top_n") ?? body.Whole32("top_k"),
        ReturnDocuments = body.Flag("return_documents") ?? false,
        MaxTokensPerDocument = body.Whole32("max_tokens_per_doc"),
        Others = OtherFields.Of(body, "query", "documents", "top_n", "top_k", "return_documents", "max_tokens_per_doc", "truncation"),
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
        json.WriteBoolean("return_documents"u8, false);
        json.WriteEndObject();
        if (request.MaxTokensPerDocument is not null)
        {
            notes.Lose("max_tokens_per_doc", "The other API has no such field.");
        }
        OtherFields.Lose(request.Others, notes);
    }

    public RerankAnswer ReadAnswer(JsonElement body)
    {
        (Usage usage, BilledUnits? units) = UsageFields.Of(body);
        return new RerankAnswer(body.Text("id"), RerankDocuments.ReadResults(body, body.Has("results", out _) ? "results" : "data"), usage, units);
    }

    public void WriteAnswer(RerankAnswer answer, RerankRequest request, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, answer.Id ?? Guid.CreateVersion7().ToString());
        json.WriteString("object"u8, "rerank"u8);
        json.WriteString("model"u8, answer.Model);
        RerankDocuments.WriteResults(answer, request, json);
        if (answer.Usage.Source == UsageSource.Reported)
        {
            json.WriteStartObject("usage"u8);
            json.WriteNumber("prompt_tokens"u8, answer.Usage.InputTokens);
            json.WriteNumber("total_tokens"u8, answer.Usage.TotalTokens);
            json.WriteEndObject();
        }
        // Where searches are billed, no number of tokens would be true.
        RerankDocuments.WriteMeta(answer, json);
        json.WriteEndObject();
    }
}
