using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.Bedrock;

/// <summary>
/// Amazon Bedrock: <c>{base}/model/{model}/converse</c> and <c>/converse-stream</c>, signed with an AWS account's keys, or with a
/// Bedrock API key as bearer token.
/// </summary>
public sealed class BedrockAdapter(UpstreamConnections connections, TimeProvider time) : IProviderAdapter
{
    private const string Service = "bedrock";

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Bedrock];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) => asked switch
    {
        _ when asked.Embeds() => Operation.InvokeModel,
        Operation.Rerank or Operation.CohereRerank => Operation.InvokeModel,
        _ => asked.GenerationWire() is null ? null : Operation.Converse,
    };

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        // The model's id is one segment, whatever it holds: colons, and slashes in ARNs.
        string path = $"model/{Uri.EscapeDataString(call.Backend.UpstreamModel)}/{(call.Stream ? "converse-stream" : call.Operation.ToPath())}";
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, path), call);
        Authorize(request, provider, call.Credential, () => call.Body.ToArray());
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(ControlPlaneOf(provider.BaseUrl!), "foundation-models"));
        Authorize(request, provider, credential, static () => []);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    // Models are called at bedrock-runtime and listed at bedrock.
    private static Uri ControlPlaneOf(Uri url)
    {
        const string Runtime = "bedrock-runtime.";
        return url.Host.StartsWith(Runtime, StringComparison.OrdinalIgnoreCase)
            ? new UriBuilder(url) { Host = "bedrock." + url.Host[Runtime.Length..] }.Uri
            : url;
    }

    private void Authorize(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, Func<byte[]> body)
    {
        if (credential is null)
        {
            return;
        }
        if (AwsKeys.Of(credential.Secret, provider.Settings.GetValueOrDefault("access_key_id"), null) is { } keys)
        {
            SigV4.Sign(request, body(), keys, provider.Settings["region"], Service, time.GetUtcNow());
        }
        else
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential.Secret);
        }
    }
}
