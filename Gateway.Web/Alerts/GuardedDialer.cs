using System.Net;
using System.Net.Sockets;
using Gateway.Core;
using Gateway.Providers.Http;

namespace Gateway.Web.Alerts;

/// <summary>Connects only to addresses that upstreams may have, looked up for this very connection.</summary>
internal sealed class GuardedDialer(Func<GatewayOptions> options)
{
    public const string Refusal = "Its address is not allowed (Gateway:Upstreams:AllowedNetworks).";

    /// <summary>Why nobody may connect there; null if one may. A name that is not known (yet) is no reason.</summary>
    public async Task<string?> ProblemAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return (await HostLookup.AddressesOfAsync(host, cancellationToken)).All(a => UpstreamConnections.IsAllowed(a, options())) ? null : Refusal;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <exception cref="AlertDeliveryException">No address of the host is allowed.</exception>
    public async Task<NetworkStream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] allowed = [.. (await HostLookup.AddressesOfAsync(host, cancellationToken)).Where(a => UpstreamConnections.IsAllowed(a, options()))];
        if (allowed.Length == 0)
        {
            throw new AlertDeliveryException(Refusal, retry: false);
        }
        return new NetworkStream(await FirstAddress.ConnectAsync(allowed, port, cancellationToken), ownsSocket: true);
    }
}

/// <summary>A notice was not taken.</summary>
/// <param name="message">For people; no secret and no address.</param>
/// <param name="retry">Whether it may be taken another time.</param>
internal sealed class AlertDeliveryException(string message, bool retry) : Exception(message)
{
    public bool Retry { get; } = retry;
}
