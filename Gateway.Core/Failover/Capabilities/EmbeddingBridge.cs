using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Embeddings from one shape to another and back.</summary>
internal sealed class EmbeddingBridge(IEmbeddingCodec client, IUpstreamCodec<EmbeddingRequest, EmbeddingAnswer> upstream, JsonElement body) : CapabilityBridge
{
    private readonly EmbeddingRequest _request = client.ReadRequest(body);

    protected override void WriteRequest(string upstreamModel, Utf8JsonWriter json) => upstream.WriteRequest(_request with { Model = upstreamModel }, json, Notes);

    public override CapabilityContent Answer(Call call, JsonElement answer, Func<Usage> estimated)
    {
        EmbeddingAnswer read = upstream.ReadAnswer(answer);
        if (read.Vectors.Count != _request.Texts.Count)
        {
            throw new Generation.GenerationFormatException($"There are {read.Vectors.Count} vectors for {_request.Texts.Count} texts.");
        }
        EmbeddingAnswer told = read with { Model = call.Envelope.Model, Usage = read.Usage.Source == UsageSource.Reported ? read.Usage : estimated() };
        return CapabilityContent.Json(json => client.WriteAnswer(told, _request, json), read.Usage);
    }
}
