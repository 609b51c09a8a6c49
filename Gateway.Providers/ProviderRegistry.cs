using Gateway.Core;
using Gateway.Core.Capabilities;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Core.Generation;
using Gateway.Providers.Anthropic;
using Gateway.Providers.AzureOpenAI;
using Gateway.Providers.Bedrock;
using Gateway.Providers.Bedrock.Converse;
using Gateway.Providers.Bedrock.Invoke;
using Gateway.Providers.Cohere;
using Gateway.Providers.Cohere.Chat;
using Gateway.Providers.Cohere.Embeddings;
using Gateway.Providers.Cohere.Reranking;
using Gateway.Providers.Gemini;
using Gateway.Providers.Gemini.Audio;
using Gateway.Providers.Gemini.Embeddings;
using Gateway.Providers.Gemini.Images;
using Gateway.Providers.Http;
using Gateway.Providers.OpenAI;
using Gateway.Providers.OpenAI.Audio;
using Gateway.Providers.OpenAI.Chat;
using Gateway.Providers.OpenAI.Embeddings;
using Gateway.Providers.OpenAI.Images;
using Gateway.Providers.OpenAI.Reranking;
using Gateway.Providers.OpenAI.Responses;
using Gateway.Providers.Simulated;
using Gateway.Providers.Vertex;
using Gateway.Providers.Vertex.Embeddings;

namespace Gateway.Providers;

/// <summary>The only list of the upstreams that this gateway can call.</summary>
public sealed class ProviderRegistry(Func<GatewayOptions> options, TimeProvider time)
{
    public IReadOnlyList<IProviderAdapter> Adapters { get; } = Create(new UpstreamConnections(options), time);

    /// <summary>The only list of codecs: one for each wire.</summary>
    public static IReadOnlyList<IGenerationCodec> Codecs { get; } =
    [
        new ChatCodec(),
        new ResponsesCodec(),
        new AnthropicCodec(),
        new GeminiCodec(),
        new ConverseCodec(),
        new CohereChatCodec(),
    ];

    /// <summary>The only list of shapes of capabilities that are translated into each other.</summary>
    public static IReadOnlyList<ICapabilityCodec> Capabilities { get; } =
    [
        new OpenAIEmbeddingCodec(),
        new GeminiEmbeddingCodec(),
        new GeminiBatchEmbeddingCodec(),
        new CohereEmbeddingCodec(),
        new VertexEmbeddingCodec(),
        new InvokeEmbeddingCodec(),
        new RerankCodec(),
        new CohereRerankCodec(),
        new InvokeRerankCodec(),
        new OpenAIImageCodec(Operation.ImageGenerations),
        new OpenAIImageCodec(Operation.ImageEdits),
        new OpenAITranscriptionCodec(Operation.Transcriptions),
        new OpenAITranscriptionCodec(Operation.Translations),
        new OpenAISpeechCodec(),
        new GeminiImageCodec(),
        new GeminiTranscriptionCodec(),
        new GeminiSpeechCodec(),
    ];

    /// <summary>The adapter of a kind; null where none exists yet.</summary>
    public IProviderAdapter? Find(ProviderKind kind) => Adapters.FirstOrDefault(a => a.Kinds.Contains(kind));

    private static IReadOnlyList<IProviderAdapter> Create(UpstreamConnections connections, TimeProvider time) =>
    [
        new OpenAIAdapter(connections),
        new AzureOpenAIAdapter(connections, time),
        new AnthropicAdapter(connections),
        new GeminiAdapter(connections),
        new VertexAdapter(connections, time),
        new BedrockAdapter(connections, time),
        new CohereAdapter(connections),
        new SimulatedAdapter(time),
    ];
}
