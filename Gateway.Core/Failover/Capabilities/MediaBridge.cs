using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Pictures and sound from one shape to another and back.</summary>
internal sealed class MediaBridge<TRequest, TAnswer> : CapabilityBridge
{
    private readonly IClientCodec<TRequest, TAnswer> _client;
    private readonly IUpstreamCodec<TRequest, TAnswer> _upstream;
    private readonly TRequest _request;

    public MediaBridge(IClientCodec<TRequest, TAnswer> client, IUpstreamCodec<TRequest, TAnswer> upstream, CapabilityBody body)
    {
        _client = client;
        _upstream = upstream;
        _request = client.ReadRequest(body);
        Body = JsonBody.Write(json => upstream.WriteRequest(_request, json, Notes));
    }

    public override CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated) =>
        _client.WriteAnswer(_upstream.ReadAnswer(answer), _request, call.Time.GetUtcNow());
}
