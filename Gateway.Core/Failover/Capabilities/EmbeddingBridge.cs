using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities.Embeddings;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Embeddings from one shape to another and back.</summary>
internal sealed class EmbeddingBridge : CapabilityBridge
{
    private readonly IEmbeddingCodec _client;
    private readonly IEmbeddingCodec _upstream;
    private readonly EmbeddingRequest _request;

    public EmbeddingBridge(IEmbeddingCodec client, IEmbeddingCodec upstream, JsonElement body, string upstreamModel)
    {
        _client = client;
        _upstream = upstream;
        _request = client.ReadRequest(body);
        Body = CapabilityTranslator.Write(json => upstream.WriteRequest(_request with { Model = upstreamModel }, json, Notes));
    }

    public override void WriteAnswer(JsonElement answer, string model, Usage estimated, Utf8JsonWriter json)
    {
        EmbeddingAnswer read = _upstream.ReadAnswer(answer);
        if (read.Vectors.Count != _request.Texts.Count)
        {
            throw new Generation.GenerationFormatException($"There are {read.Vectors.Count} vectors for {_request.Texts.Count} texts.");
        }
        _client.WriteAnswer(read with { Model = model, Usage = read.Usage.Source == UsageSource.Reported ? read.Usage : estimated }, _request, json);
    }
}
