using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Library;

namespace Gateway.Providers;

/// <summary>Makes gateways to use as a library.</summary>
public static class ProviderEndpoints
{
    /// <summary>Begins a gateway for the endpoint; add keys, then build it.</summary>
    /// <exception cref="NotSupportedException">No codec speaks the endpoint's wire.</exception>
    public static GatewayBuilder CreateGateway(this ProviderEndpoint endpoint) => new(
        endpoint,
        ProviderRegistry.Codecs.FirstOrDefault(c => c.Wire == endpoint.Wire) ?? throw new NotSupportedException($"This gateway does not speak {endpoint.Wire.ToName()} yet."),
        (options, time) => new ProviderRegistry(options, time).Adapters);
}
