using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers.Http;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// Anthropic's API: <c>{base}/messages</c> and <c>{base}/messages/count_tokens</c>. The key goes as <c>x-api-key</c>;
/// <c>anthropic-version</c> and <c>anthropic-beta</c> are the client's where it speaks this wire itself, else the provider's.
/// </summary>
public sealed class AnthropicAdapter(UpstreamConnections connections) : IForwardingAdapter
{
    private const string DefaultVersion = "2023-06-01";

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Anthropic];

    /// <inheritdoc/>
    public Operation? Serve(Provider provider, Operation asked) =>
        asked == Operation.MessagesCountTokens ? asked
        : asked.GenerationWire() is null ? null : Operation.Messages;

    public Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation)
    {
        Provider provider = call.Backend.Provider;
        HttpRequestMessage request = UpstreamRequests.Post(new Uri(provider.BaseUrl!, call.Operation.ToPath()), call);
        UpstreamRequests.Forward(call.Headers, request);
        Authorize(request, provider, call.Credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        HttpRequestMessage request = UpstreamRequests.Create(HttpMethod.Get, new Uri(provider.BaseUrl!, "models?limit=1000"));
        Authorize(request, provider, credential);
        return connections.For(provider).SendAsync(request, cancellation);
    }

    public HttpMessageInvoker ConnectionsFor(Provider provider) => connections.For(provider);

    public ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation)
    {
        Authorize(request, provider, credential);
        return ValueTask.CompletedTask;
    }

    private static void Authorize(HttpRequestMessage request, Provider provider, CredentialDefinition? credential)
    {
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", credential.Secret);
        }
        if (!request.Headers.NonValidated.Contains("anthropic-version"))
        {
            request.Headers.TryAddWithoutValidation("anthropic-version", provider.Settings.GetValueOrDefault("anthropic_version", DefaultVersion));
        }
        // The header takes several lines as one list.
        if (provider.Settings.TryGetValue("anthropic_beta", out string? beta))
        {
            request.Headers.TryAddWithoutValidation("anthropic-beta", beta);
        }
    }
}
