using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.Cohere;

/// <summary>Cohere's API, version 2: <c>{base}/chat</c>, <c>{base}/embed</c>, <c>{base}/rerank</c>, with a bearer key.</summary>
public sealed class CohereAdapter(UpstreamConnections connections) : IForwardingAdapter
{
    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Cohere];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.CohereEmbed or Operation.CohereRerank => asked,
        Operation.Embeddings or Operation.EmbedContent or Operation.BatchEmbedContents => Operation.CohereEmbed,
        Operation.Rerank => Operation.CohereRerank,
        _ => asked.GenerationWire() is null ? null : Operation.CohereChat,
    };

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, call.Operation.ToPath()), call);
        Authorize(request, call.Credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        // The list is version 1's to this day.
        string path = provider.BaseUrl!.AbsolutePath.EndsWith("/v2/", StringComparison.Ordinal) ? "../v1/models?page_size=1000" : "models?page_size=1000";
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(provider.BaseUrl, path));
        Authorize(request, credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public HttpMessageInvoker ConnectionsFor(Provider provider) => connections.For(provider);

    public ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        Authorize(request, credential);
        return ValueTask.CompletedTask;
    }

    private static void Authorize(HttpRequestMessage request, CredentialDefinition? credential)
    {
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential.Secret);
        }
    }
}
