using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests;

/// <summary>Ports for servers that have to be told theirs.</summary>
internal static class FreePort
{
    // Below those that a system gives to connections and to whoever asks for any: nobody takes one before its server does.
    private const int First = 12_000;
    private const int Count = 20_000;

    // Another run of tests on the machine begins elsewhere.
    private static uint Last = (uint)Environment.ProcessId * 101;

    /// <summary>One that nothing listens on, and that this process has not been given before.</summary>
    public static int Next()
    {
        while (true)
        {
            int port = First + (int)(Interlocked.Increment(ref Last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }
}
