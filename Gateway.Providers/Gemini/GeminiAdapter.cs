using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.Gemini;

/// <summary>
/// The Gemini API: <c>{base}/models/{model}:generateContent</c> and its like; streams as server-sent events. The key goes as
/// <c>x-goog-api-key</c>, never in the query, which ends up in logs.
/// </summary>
public sealed class GeminiAdapter(UpstreamConnections connections) : IForwardingAdapter
{
    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Gemini];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        Operation.GeminiCountTokens or Operation.EmbedContent or Operation.BatchEmbedContents => asked,
        Operation.Embeddings or Operation.CohereEmbed => Operation.BatchEmbedContents,
        Operation.ImageGenerations or Operation.ImageEdits or Operation.Transcriptions or Operation.Translations or Operation.Speech => Operation.GenerateContent,
        _ => asked.GenerationWire() is null ? null : Operation.GenerateContent,
    };

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, PathOf(call)), call);
        Authorize(request, call.Credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(provider.BaseUrl!, "models?pageSize=1000"));
        Authorize(request, credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    private static string PathOf(UpstreamCall call)
    {
        string model = call.Backend.UpstreamModel;
        // A name with a slash says itself what it is: models/…, tunedModels/….
        string resource = model.Contains('/') ? string.Join('/', model.Split('/').Select(Uri.EscapeDataString)) : "models/" + Uri.EscapeDataString(model);
        return call is { Operation: Operation.GenerateContent, Stream: true }
            ? resource + ":streamGenerateContent?alt=sse"
            : $"{resource}:{call.Operation.ToPath()}";
    }

    public HttpMessageInvoker ConnectionsFor(Provider provider) => connections.For(provider);

    /// <inheritdoc/>
    /// <remarks>Uploads stand beside the API: <c>/upload/v1beta/files</c>.</remarks>
    public Uri ForwardUrl(Provider provider, string path, string query) => IForwardingAdapter.Below(
        path.StartsWith("upload/v1", StringComparison.Ordinal) && provider.BaseUrl!.Segments[^1].StartsWith("v1", StringComparison.Ordinal)
            ? new Uri(provider.BaseUrl, "../") : provider.BaseUrl!,
        path,
        query);

    public ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        Authorize(request, credential);
        return ValueTask.CompletedTask;
    }

    private static void Authorize(HttpRequestMessage request, CredentialDefinition? credential)
    {
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("x-goog-api-key", credential.Secret);
        }
    }
}
