using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.AzureOpenAI;

/// <summary>
/// Azure OpenAI by key: <c>{base}/deployments/{deployment}/chat/completions?api-version=…</c>, the deployment being the
/// backend's upstream model. A base URL that ends in <c>/v1/</c> is Azure's newer, OpenAI-shaped surface and takes no version.
/// </summary>
public sealed class AzureOpenAIAdapter(UpstreamConnections connections) : IProviderAdapter
{
    private const string DefaultApiVersion = "2024-10-21";

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.AzureOpenAI];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.ChatCompletions or Operation.Completions or Operation.Embeddings => asked,
        Operation.ImageGenerations or Operation.ImageEdits or Operation.Transcriptions or Operation.Translations or Operation.Speech => asked,
        _ => asked.GenerationWire() is null ? null : Operation.ChatCompletions,
    };

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        string path = IsVersionless(provider)
            ? call.Operation.ToPath()
            : $"deployments/{Uri.EscapeDataString(call.Backend.UpstreamModel)}/{call.Operation.ToPath()}?api-version={VersionOf(provider)}";
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, path), call);
        Authorize(request, call.Credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        string path = IsVersionless(provider) ? "models" : $"models?api-version={VersionOf(provider)}";
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(provider.BaseUrl!, path));
        Authorize(request, credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    private static bool IsVersionless(Provider provider) => provider.BaseUrl!.AbsolutePath.EndsWith("/v1/", StringComparison.Ordinal);

    private static string VersionOf(Provider provider) =>
        Uri.EscapeDataString(provider.Settings.TryGetValue("api_version", out string? version) ? version : DefaultApiVersion);

    private static void Authorize(HttpRequestMessage request, CredentialDefinition? credential)
    {
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("api-key", credential.Secret);
        }
    }
}
