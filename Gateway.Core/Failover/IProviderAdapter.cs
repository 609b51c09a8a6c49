using Gateway.Core.Catalog;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>
/// Speaks to the upstreams of some kinds. Safe for concurrent use; one instance serves every provider of its kinds and keeps
/// what it needs for each (a connection pool) in <see cref="ProviderState.Client"/>.
/// </summary>
public interface IProviderAdapter
{
    /// <summary>The kinds that this adapter serves.</summary>
    IReadOnlyList<ProviderKind> Kinds { get; }

    /// <summary>
    /// The operation to call upstream when a client asks for <paramref name="asked"/>: the same one where the provider has it
    /// (the bytes then travel as they are), another one of the same purpose where it can be translated, null where neither.
    /// </summary>
    Operation? Serve(Provider provider, Operation asked);

    /// <summary>The same for one model of the provider, where its models differ.</summary>
    Operation? Serve(Backend backend, Operation asked) => Serve(backend.Provider, asked);

    /// <summary>
    /// Sends one call and returns as soon as the head of the answer is there, its body unread; the caller disposes it.
    /// </summary>
    /// <exception cref="HttpRequestException">No connection, or it broke before the head.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the connection is closed at once.</exception>
    Task<HttpResponseMessage> SendAsync(UpstreamCall call, CancellationToken cancellation);

    /// <summary>Asks the upstream which models it has, in its own shape: the console's test button.</summary>
    /// <exception cref="HttpRequestException">No connection, or it broke before the head.</exception>
    Task<HttpResponseMessage> ListModelsAsync(Provider provider, CredentialDefinition? credential, CancellationToken cancellation);
}

/// <summary>One call to one backend.</summary>
public sealed class UpstreamCall
{
    public required Backend Backend { get; init; }
    public required CredentialDefinition? Credential { get; init; }

    /// <summary>What is called upstream: an answer of <see cref="IProviderAdapter.Serve(Backend, Operation)"/>.</summary>
    public required Operation Operation { get; init; }
    public required SplicedBody Body { get; init; }

    /// <summary>The body's content type as the client sent it; null is JSON.</summary>
    public string? ContentType { get; init; }
    public required bool Stream { get; init; }

    /// <summary>Headers of the client's that its wire gives a meaning upstream, such as <c>anthropic-version</c>; empty when the wire changes.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Sent on as <c>X-Request-ID</c>.</summary>
    public required string RequestId { get; init; }

    /// <summary>Sent on as <c>Idempotency-Key</c>; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>W3C <c>traceparent</c> with the attempt's own span; null for none.</summary>
    public string? TraceParent { get; init; }
    public string? TraceState { get; init; }

    /// <summary>The whole request has gone to the upstream; the adapter says so.</summary>
    public bool IsWritten { get; set; }

    /// <summary>A connection was made for it, so that the upstream cannot have closed it for having been idle; the adapter says so.</summary>
    public bool IsFirstOfConnection { get; set; }

    /// <summary>Where it was sent; the adapter says so. Null as long as it was not, or goes nowhere.</summary>
    public Uri? Url { get; set; }
}
