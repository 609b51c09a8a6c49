using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Kinds;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.OpenAI;

/// <summary>
/// OpenAI and all who speak as it does: vLLM, Ollama, llama.cpp, Groq, Mistral, DeepSeek, OpenRouter and others. The provider
/// setting <c>chat_path</c> names another path for chat completions, below the base URL; <c>wires</c> says what else is spoken.
/// </summary>
public sealed class OpenAIAdapter(UpstreamConnections connections) : IForwardingAdapter
{
    // Anthropic's own; servers that speak Messages besides Chat want it too.
    private const string MessagesVersion = "2023-06-01";

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.OpenAI, ProviderKind.OpenAICompatible];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.Completions or Operation.Embeddings => asked,
        Operation.Moderations or Operation.Rerank or Operation.ImageGenerations or Operation.ImageEdits
            or Operation.Transcriptions or Operation.Translations or Operation.Speech => asked,
        Operation.EmbedContent or Operation.BatchEmbedContents or Operation.CohereEmbed => Operation.Embeddings,
        Operation.CohereRerank => Operation.Rerank,
        Operation.ResponsesCompact or Operation.ResponsesInputTokens => ServedOperations.SpeaksResponses(provider) ? asked : null,
        _ => asked.GenerationWire() is null ? null : ServedOperations.Generate(provider, asked),
    };

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        HttpRequestMessage request = UpstreamRequests.Post(UrlOf(provider, call.Operation), call);
        Authorize(request, provider, call.Credential);
        if (call.Operation == Operation.Messages)
        {
            AddMessagesHeaders(request, call);
        }
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(provider.BaseUrl!, "models"));
        Authorize(request, provider, credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public HttpMessageInvoker ConnectionsFor(Provider provider) => connections.For(provider);

    public ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        Authorize(request, provider, credential);
        return ValueTask.CompletedTask;
    }

    private static Uri UrlOf(Provider provider, Operation operation)
    {
        var urls = (Uri?[])(provider.Derived ??= new Uri?[Operations.Count]);
        return urls[(int)operation] ??= new Uri(
            provider.BaseUrl!,
            operation == Operation.ChatCompletions && provider.Settings.TryGetValue("chat_path", out string? path) ? path.TrimStart('/') : operation.ToPath());
    }

    private static void Authorize(HttpRequestMessage request, Provider provider, CredentialDefinition? credential)
    {
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential.Secret);
        }
        if (provider.Kind == ProviderKind.OpenAI)
        {
            Add(request, "OpenAI-Organization", provider.Settings.GetValueOrDefault("organization"));
            Add(request, "OpenAI-Project", provider.Settings.GetValueOrDefault("project"));
        }
    }

    private static void AddMessagesHeaders(HttpRequestMessage request, UpstreamCall call)
    {
        Add(request, "x-api-key", call.Credential?.Secret);
        UpstreamRequests.Forward(call.Headers, request);
        if (!request.Headers.NonValidated.Contains("anthropic-version"))
        {
            Add(request, "anthropic-version", MessagesVersion);
        }
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
