using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Reranking;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Rankings from one shape to another and back.</summary>
internal sealed class RerankBridge(IRerankCodec client, IUpstreamCodec<RerankRequest, RerankAnswer> upstream, JsonElement body) : CapabilityBridge
{
    private readonly RerankRequest _request = client.ReadRequest(body);

    protected override void WriteRequest(string upstreamModel, Utf8JsonWriter json) => upstream.WriteRequest(_request with { Model = upstreamModel }, json, Notes);

    public override CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated)
    {
        RerankAnswer read = upstream.ReadAnswer(answer) with { Model = call.Envelope.Model };
        return CapabilityContent.Json(json => client.WriteAnswer(read, _request, json));
    }
}
