using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Kinds;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.AzureOpenAI;

/// <summary>
/// Azure OpenAI by key or Entra ID: <c>{base}/deployments/{deployment}/chat/completions?api-version=…</c>, the deployment being
/// the backend's upstream model. A base URL that ends in <c>/v1/</c> is Azure's newer, OpenAI-shaped surface and takes no version;
/// Responses are called there too, unless the version is one that has them (2025-03-01 and later).
/// </summary>
public sealed class AzureOpenAIAdapter(UpstreamConnections connections, TimeProvider time) : IForwardingAdapter
{
    private const string DefaultApiVersion = "2024-10-21";
    private const string FirstVersionWithResponses = "2025-03-01";

    private readonly EntraTokens _tokens = new(connections, time);

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.AzureOpenAI];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.Completions or Operation.Embeddings => asked,
        Operation.ImageGenerations or Operation.ImageEdits or Operation.Transcriptions or Operation.Translations or Operation.Speech => asked,
        Operation.EmbedContent or Operation.BatchEmbedContents or Operation.CohereEmbed => Operation.Embeddings,
        Operation.ResponsesCompact or Operation.ResponsesInputTokens => ServedOperations.SpeaksResponses(provider) ? asked : null,
        _ => asked.GenerationWire() is null ? null : ServedOperations.Generate(provider, asked),
    };

    public async Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, PathOf(provider, call)), call);
        await AuthorizeAsync(request, provider, call.Credential, cancellation);
        return await connections.For(provider).SendAsync(request, cancellation);
    }

    public async Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        string path = IsVersionless(provider) ? "models" : $"models?api-version={VersionOf(provider)}";
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(provider.BaseUrl!, path));
        await AuthorizeAsync(request, provider, credential, cancellation);
        return await connections.For(provider).SendAsync(request, cancellation);
    }

    private static string PathOf(Provider provider, UpstreamCall call)
    {
        string path = call.Operation.ToPath();
        if (IsVersionless(provider))
        {
            return path;
        }
        string version = VersionOf(provider);
        return !call.Operation.IsOfResponses() ? $"deployments/{Uri.EscapeDataString(call.Backend.UpstreamModel)}/{path}?api-version={version}"
            : string.CompareOrdinal(version, FirstVersionWithResponses) >= 0 ? $"{path}?api-version={version}"
            : $"v1/{path}";
    }

    public HttpMessageInvoker ConnectionsFor(Provider provider) => connections.For(provider);

    /// <inheritdoc/>
    /// <remarks>The version is the provider's, unless the client names one.</remarks>
    public Uri ForwardUrl(Provider provider, string path, string query) => IForwardingAdapter.Below(
        provider.BaseUrl!,
        path,
        IsVersionless(provider) || query.Contains("api-version=", StringComparison.Ordinal) ? query
        : $"{(query.Length == 0 ? "?" : query + "&")}api-version={VersionOf(provider)}");

    private static bool IsVersionless(Provider provider) => provider.BaseUrl!.AbsolutePath.EndsWith("/v1/", StringComparison.Ordinal);

    private static string VersionOf(Provider provider) =>
        Uri.EscapeDataString(provider.Settings.TryGetValue("api_version", out string? version) ? version : DefaultApiVersion);

    /// <inheritdoc/>
    public async ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        if (credential is null)
        {
            return;
        }
        if (EntraTokens.Wants(provider))
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + await _tokens.GetAsync(provider, credential, cancellation));
        }
        else
        {
            request.Headers.TryAddWithoutValidation("api-key", credential.Secret);
        }
    }
}
