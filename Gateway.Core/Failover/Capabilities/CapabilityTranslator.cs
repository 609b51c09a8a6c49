using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Finds the way from one shape of a capability to another.</summary>
internal sealed class CapabilityTranslator(IReadOnlyDictionary<Operation, ICapabilityCodec> codecs)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The bridge, or why there is none.</summary>
    public GatewayError? Translate(Call call, Backend backend, Operation served, out CapabilityBridge? bridge)
    {
        bridge = null;
        try
        {
            JsonElement body = JsonFields.Parse(call.Envelope.Body.Span);
            bridge = (codecs.GetValueOrDefault(call.Envelope.Operation), codecs.GetValueOrDefault(served)) switch
            {
                (IEmbeddingCodec client, IEmbeddingCodec upstream) => new EmbeddingBridge(client, upstream, body, backend.UpstreamModel),
                (IRerankCodec client, IRerankCodec upstream) => new RerankBridge(client, upstream, body, backend.UpstreamModel),
                _ => null,
            };
        }
        catch (GenerationFormatException e)
        {
            return new GatewayError(GatewayErrorKind.InvalidRequest, e.Message, e.Param);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new GatewayError(GatewayErrorKind.InvalidRequest, "A field of the request body is of another type than it should be.");
        }
        if (bridge is null)
        {
            return Translated.Translator.NotServable(call, backend);
        }
        return bridge.Notes.Lossy && call.Plan.Model?.OnLoss == LossPolicy.Refuse
            ? new GatewayError(
                GatewayErrorKind.NotServable,
                $"The provider {backend.Provider.Name} cannot carry all of this request, and the model's policy refuses losses: {LossOf(bridge)}.",
                Code: "lossy_conversion")
            : null;
    }

    /// <summary>What was lost, for <c>x-gateway-lossy</c>; null if nothing was, or nobody is to be told.</summary>
    public static string? LossyHeader(Call call, CapabilityBridge bridge) =>
        bridge.Notes.Lossy && call.Plan.Model?.OnLoss != LossPolicy.Allow ? LossOf(bridge) : null;

    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, Plain))
        {
            write(json);
        }
        return body.WrittenMemory;
    }

    private static string LossOf(CapabilityBridge bridge) => string.Join(", ", bridge.Notes.Reasons.Where(r => r.Lossy).Select(r => r.What));
}
