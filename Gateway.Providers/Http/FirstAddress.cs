using System.Net;
using System.Net.Sockets;

namespace Gateway.Providers.Http;

/// <summary>
/// Connects to whichever of a name's addresses answers first, as RFC 8305 (section 5) has it: the next one is tried when one
/// refuses, or says nothing for a quarter of a second, and the first that answers is taken. One machine behind a name that went
/// away without a word costs that quarter, not the whole time for connecting.
/// </summary>
public static class FirstAddress
{
    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(250);

    /// <param name="addresses">At least one, in the order of the resolver.</param>
    /// <exception cref="SocketException">None of them could be connected to; what the last one said.</exception>
    public static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellation)
    {
        if (addresses.Count == 1)
        {
            return await OpenAsync(addresses[0], port, cancellation);
        }
        IPAddress[] order = InTurn(addresses);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var trying = new List<Task<Socket>>();
        SocketException? last = null;
        try
        {
            for (int next = 0; next < order.Length || trying.Count > 0;)
            {
                if (next < order.Length)
                {
                    trying.Add(OpenAsync(order[next++], port, over.Token));
                }
                Task<Task<Socket>> ended = Task.WhenAny(trying);
                Task head = Task.Delay(next < order.Length ? Head : Timeout.InfiniteTimeSpan, over.Token);
                await Task.WhenAny(ended, head);
                cancellation.ThrowIfCancellationRequested();
                if (ended.IsCompleted)
                {
                    Task<Socket> one = await ended;
                    trying.Remove(one);
                    try
                    {
                        return await one;
                    }
                    catch (SocketException e)
                    {
                        last = e;
                    }
                }
            }
            throw last!;
        }
        finally
        {
            await over.CancelAsync();
            foreach (Task<Socket> late in trying)
            {
                _ = LetGoAsync(late);
            }
        }
    }

    /// <summary>Of each family one in turn, so that a network without one of them costs one try, and not one for each such address.</summary>
    internal static IPAddress[] InTurn(IReadOnlyList<IPAddress> addresses) =>
    [
        .. addresses.GroupBy(a => a.AddressFamily).SelectMany(family => family.Select((address, place) => (address, place)))
            .OrderBy(a => a.place).Select(a => a.address),
    ];

    private static async Task<Socket> OpenAsync(IPAddress address, int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // It may have connected in the moment in which another one was taken.
    private static async Task LetGoAsync(Task<Socket> late)
    {
        try
        {
            (await late).Dispose();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Given up, as it was told to.
        }
    }
}
