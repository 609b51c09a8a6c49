using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities.Reranking;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Rankings from one shape to another and back.</summary>
internal sealed class RerankBridge : CapabilityBridge
{
    private readonly IRerankCodec _client;
    private readonly IRerankCodec _upstream;
    private readonly RerankRequest _request;

    public RerankBridge(IRerankCodec client, IRerankCodec upstream, JsonElement body, string upstreamModel)
    {
        _client = client;
        _upstream = upstream;
        _request = client.ReadRequest(body);
        Body = CapabilityTranslator.Write(json => upstream.WriteRequest(_request with { Model = upstreamModel }, json, Notes));
    }

    public override void WriteAnswer(JsonElement answer, string model, Usage estimated, Utf8JsonWriter json) =>
        _client.WriteAnswer(_upstream.ReadAnswer(answer) with { Model = model }, _request, json);
}
