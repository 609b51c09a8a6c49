using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Capabilities.Images;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Finds the way from one shape of a capability to another.</summary>
internal sealed class CapabilityTranslator(IReadOnlyList<ICapabilityCodec> codecs)
{
    /// <summary>The bridge, or why there is none.</summary>
    public GatewayError? Translate(Call call, Backend backend, Operation served, out CapabilityBridge? bridge)
    {
        bridge = null;
        try
        {
            var body = new CapabilityBody(call.Envelope);
            bridge = codecs.FirstOrDefault(c => c.Operation == call.Envelope.Operation) switch
            {
                IEmbeddingCodec client when Find<IUpstreamCodec<EmbeddingRequest, EmbeddingAnswer>>(served) is { } upstream => new EmbeddingBridge(client, upstream, body.Json),
                IRerankCodec client when Find<IUpstreamCodec<RerankRequest, RerankAnswer>>(served) is { } upstream => new RerankBridge(client, upstream, body.Json),
                IClientCodec<ImageRequest, ImageAnswer> client => Bridge(client, served, body),
                IClientCodec<TranscriptionRequest, TranscriptionAnswer> client => Bridge(client, served, body),
                IClientCodec<SpeechRequest, SpeechAnswer> client => Bridge(client, served, body),
                _ => null,
            };
        }
        catch (GenerationFormatException e)
        {
            return new GatewayError(GatewayErrorKind.InvalidRequest, e.Message, e.Param);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new GatewayError(GatewayErrorKind.InvalidRequest, "A field of the request body is of another type than it should be.");
        }
        if (bridge is null)
        {
            return Translated.Translator.NotServable(call, backend);
        }
        try
        {
            bridge.Prepare(backend.UpstreamModel);
        }
        catch (GenerationFormatException e)
        {
            // Another backend may have what this one has not.
            return new GatewayError(GatewayErrorKind.NotServable, e.Message, e.Param);
        }
        return bridge.Notes.Lossy && call.Plan.Model?.OnLoss == LossPolicy.Refuse
            ? new GatewayError(
                GatewayErrorKind.NotServable,
                $"The provider {backend.Provider.Name} cannot carry all of this request, and the model's policy refuses losses: {bridge.Notes.Lost}.",
                Code: "lossy_conversion")
            : null;
    }

    /// <summary>What was lost, for <c>x-gateway-lossy</c>; null if nothing was, or nobody is to be told.</summary>
    public static string? LossyHeader(Call call, CapabilityBridge bridge) =>
        call.Plan.Model?.OnLoss == LossPolicy.Allow ? null : bridge.Notes.Lost;

    private T? Find<T>(Operation served) where T : class, ICapabilityCodec => codecs.OfType<T>().FirstOrDefault(c => c.Operation == served);

    private MediaBridge<TRequest, TAnswer>? Bridge<TRequest, TAnswer>(IClientCodec<TRequest, TAnswer> client, Operation served, CapabilityBody body) =>
        Find<IUpstreamCodec<TRequest, TAnswer>>(served) is { } upstream ? new MediaBridge<TRequest, TAnswer>(client, upstream, body) : null;
}
