using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Reranking;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Rankings from one shape to another and back.</summary>
internal sealed class RerankBridge : CapabilityBridge
{
    private readonly IRerankCodec _client;
    private readonly IUpstreamCodec<RerankRequest, RerankAnswer> _upstream;
    private readonly RerankRequest _request;

    public RerankBridge(IRerankCodec client, IUpstreamCodec<RerankRequest, RerankAnswer> upstream, JsonElement body, string upstreamModel)
    {
        _client = client;
        _upstream = upstream;
        _request = client.ReadRequest(body);
        Body = JsonBody.Write(json => upstream.WriteRequest(_request with { Model = upstreamModel }, json, Notes));
    }

    public override CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated)
    {
        RerankAnswer read = _upstream.ReadAnswer(answer) with { Model = call.Envelope.Model };
        return CapabilityContent.Json(json => _client.WriteAnswer(read, _request, json));
    }
}
