using System.Net;
using System.Net.Sockets;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;

namespace Gateway.Providers.Http;

/// <summary>
/// One connection pool for each provider. No redirects, cookies, proxy or decompression: what is sent goes to the address
/// that was checked, and what comes back is what the upstream said. Every address is checked when a connection is made, so
/// that a name that changes its mind after it was saved leads nowhere.
/// </summary>
/// <param name="resolve">Looks names up, once for each connection; null asks the system.</param>
public sealed class UpstreamConnections(Func<GatewayOptions> options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    private const int MaxHeadersKiB = 64;

    /// <summary>The provider's pool; a new one when a setting changed that connections depend on.</summary>
    public HttpMessageInvoker For(Provider provider)
    {
        if (provider.State.Client is Pool pool && pool.Version == provider.ClientVersion)
        {
            return pool.Invoker;
        }
        lock (provider.State)
        {
            if (provider.State.Client is Pool current && current.Version == provider.ClientVersion)
            {
                return current.Invoker;
            }
            // The old pool may still serve calls; its idle connections close by themselves.
            var created = new Pool(provider.ClientVersion, Create(provider));
            provider.State.Client = created;
            return created.Invoker;
        }
    }

    private HttpMessageInvoker Create(Provider provider) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        // The request's own trace headers are set by hand.
        ActivityHeadersPropagator = null,
        ConnectTimeout = provider.Timeouts.Connect ?? options().ConnectTimeout,
        // Long enough to reuse, short enough to follow a name to its new address while the old one goes on answering.
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        EnableMultipleHttp2Connections = true,
        MaxResponseHeadersLength = MaxHeadersKiB,
        // What is left of an answer when it is given up: enough to reuse a connection after its last bytes, not to go on reading one.
        ResponseDrainTimeout = TimeSpan.FromMilliseconds(250),
        MaxResponseDrainSize = 65_536,
        ConnectCallback = ConnectAsync,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        if (context.InitialRequestMessage.Content is SplicedContent content)
        {
            content.Call.IsFirstOfConnection = true;
        }
        DnsEndPoint target = context.DnsEndPoint;
        IPAddress[] addresses = IPAddress.TryParse(target.Host, out IPAddress? literal)
            ? [literal]
            : await (resolve ?? HostLookup.AddressesOfAsync)(target.Host, cancellation);
        IPAddress[] allowed = [.. addresses.Where(a => IsAllowed(a, options()))];
        if (allowed.Length == 0)
        {
            throw addresses.Length == 0
                ? new HttpRequestException(HttpRequestError.ConnectionError, "The upstream's name has no address.")
                : new AddressNotAllowedException();
        }
        Socket socket = await FirstAddress.ConnectAsync(allowed, target.Port, cancellation);
        WatchPeer(socket);
        return new NetworkStream(socket, ownsSocket: true);
    }

    // A machine that went away without a word (power, a failover) would keep whoever waits for its answer until the call's time is up.
    private static void WatchPeer(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>Public addresses are; private ones where a setting says so; link-local and metadata addresses never.</summary>
    public static bool IsAllowed(IPAddress address, GatewayOptions options)
    {
        IPAddress plain = UpstreamAddress.Unwrap(address);
        return !UpstreamAddress.IsForbidden(plain)
            && (!UpstreamAddress.IsPrivate(plain) || options.AllowedNetworks.Any(n => n.Contains(plain)));
    }

    private sealed record Pool(string Version, HttpMessageInvoker Invoker);
}
