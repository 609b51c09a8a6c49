using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Pictures and sound from one shape to another and back; the backend's model is in the path.</summary>
internal sealed class MediaBridge<TRequest, TAnswer>(IClientCodec<TRequest, TAnswer> client, IUpstreamCodec<TRequest, TAnswer> upstream, CapabilityBody body)
    : CapabilityBridge
{
    private readonly TRequest _request = client.ReadRequest(body);

    protected override void WriteRequest(string upstreamModel, Utf8JsonWriter json) => upstream.WriteRequest(_request, json, Notes);

    public override CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated) =>
        client.WriteAnswer(upstream.ReadAnswer(answer), _request, call.Time.GetUtcNow());
}
