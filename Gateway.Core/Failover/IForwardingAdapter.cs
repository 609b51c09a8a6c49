using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>
/// An adapter whose upstreams can be handed requests that the gateway does not understand: the address and the credential are
/// put in place, all else goes as it came. Not for upstreams that want the body signed. Safe for concurrent use.
/// </summary>
public interface IForwardingAdapter : IProviderAdapter
{
    /// <summary>The provider's connections, with all their checks of addresses.</summary>
    HttpMessageInvoker ConnectionsFor(Provider provider);

    /// <summary>The address of <paramref name="path"/> at the provider.</summary>
    /// <param name="path">Below the base URL, escaped, without a leading slash.</param>
    /// <param name="query">With its question mark; empty for none.</param>
    /// <exception cref="HttpRequestException">The path leads out of the base URL.</exception>
    Uri ForwardUrl(Provider provider, string path, string query) => Below(provider.BaseUrl!, path, query);

    /// <summary>Puts the gateway's credential into a request from which the client's was taken.</summary>
    /// <exception cref="HttpRequestException">A token was needed and could not be fetched.</exception>
    ValueTask AuthorizeAsync(HttpRequestMessage request, Provider provider, CredentialDefinition? credential, CancellationToken cancellation);

    /// <summary>An address that is always below the base URL, whatever the path holds.</summary>
    /// <exception cref="HttpRequestException">The path leads out of it.</exception>
    protected static Uri Below(Uri baseUrl, string path, string query)
    {
        Uri url = new(baseUrl.AbsoluteUri + WithoutVersion(baseUrl, path.TrimStart('/')) + query);
        return url.Authority == baseUrl.Authority && url.AbsolutePath.StartsWith(baseUrl.AbsolutePath, StringComparison.Ordinal)
            ? url
            : throw new HttpRequestException(HttpRequestError.ConnectionError, "The path leads out of the provider's base URL.");
    }

    // Vendors' SDKs write the API's version into each path, and the base URL ends with it already.
    private static string WithoutVersion(Uri baseUrl, string path) =>
        baseUrl.Segments[^1] is ['v', >= '1' and <= '9', .., '/'] version && path.StartsWith(version, StringComparison.Ordinal) ? path[version.Length..] : path;
}
