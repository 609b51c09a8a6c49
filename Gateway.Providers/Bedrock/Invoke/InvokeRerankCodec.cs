using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Bedrock.Invoke;

/// <summary>
/// Rankings by Bedrock's InvokeModel: Cohere's Rerank and Amazon's, which takes the same but for the version. Source: Amazon Bedrock
/// user guide, "Rerank models".
/// </summary>
public sealed class InvokeRerankCodec : IUpstreamCodec<RerankRequest, RerankAnswer>
{
    public Operation Operation => Operation.InvokeModel;

    public void WriteRequest(RerankRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        json.WriteStartObject();
        json.WriteString("query"u8, request.Query);
        RerankDocuments.Write(request, json);
        if (request.Top is { } top)
        {
            json.WriteNumber("top_n"u8, top);
        }
        if (request.Model.Contains("cohere.", StringComparison.OrdinalIgnoreCase))
        {
            json.WriteNumber("api_version"u8, 2);
        }
        json.WriteEndObject();
        if (request.MaxTokensPerDocument is not null)
        {
            notes.Lose("max_tokens_per_doc", "Bedrock has no such setting.");
        }
        OtherFields.Lose(request.Others, notes);
    }

    public RerankAnswer ReadAnswer(JsonElement body) => new(null, RerankDocuments.ReadResults(body, "results"), default, null);
}
