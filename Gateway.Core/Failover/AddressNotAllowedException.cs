namespace Gateway.Core.Failover;

/// <summary>Every address of an upstream is one that <see cref="GatewayOptions.AllowedNetworks"/> does not allow; it was not connected to.</summary>
public sealed class AddressNotAllowedException()
    : HttpRequestException(HttpRequestError.ConnectionError, "The upstream's address is not allowed (Gateway:Upstreams:AllowedNetworks).");
