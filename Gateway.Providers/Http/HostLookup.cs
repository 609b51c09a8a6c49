using System.Collections.Concurrent;
using System.Net;
using Gateway.Core;

namespace Gateway.Providers.Http;

/// <summary>
/// Looks up hosts' addresses on threads of their own: the system's resolver blocks, for seconds when its server is away, and the pool
/// has a thread for a processor, which serve everybody's calls. Who asks for a host that is being looked up shares that lookup, so
/// that there are no more threads than hosts.
/// </summary>
public static class HostLookup
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<IPAddress[]>>> Running = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="host">A name, or an address, which is its own answer.</param>
    /// <exception cref="System.Net.Sockets.SocketException">There is no such host, or the resolver cannot say.</exception>
    public static Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellation) =>
        IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal)
            ? Task.FromResult<IPAddress[]>([literal])
            : Running.GetOrAdd(host, static h => new Lazy<Task<IPAddress[]>>(() => StartAsync(h))).Value.WaitAsync(cancellation);

    private static Task<IPAddress[]> StartAsync(string host) => OwnThread.Run("Name lookup", () =>
    {
        try
        {
            return Dns.GetHostAddresses(host);
        }
        finally
        {
            // Before it is done: nobody gets an answer that was there when they asked.
            Running.TryRemove(host, out _);
        }
    });
}
