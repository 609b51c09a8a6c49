using System.Net;

namespace Gateway.Core.Keys;

/// <summary>The networks that a key may be used from.</summary>
public static class ClientNetworks
{
    private const int MostBitsV4 = 32;
    private const int MostBitsV6 = 128;

    /// <summary>Reads an address (<c>203.0.113.7</c>, <c>2001:db8::1</c>) or a network (<c>203.0.113.0/24</c>).</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        ReadOnlySpan<char> address = slash < 0 ? text : text.AsSpan(0, slash);
        // "10.1" is an address to some parsers, and not the one that was meant.
        bool v6 = address.Contains(':');
        return (v6 || address.Count('.') == 3)
            && IPNetwork.TryParse(slash < 0 ? $"{text}/{(v6 ? MostBitsV6 : MostBitsV4)}" : text, out network);
    }

    /// <summary>True when the client's address is in one of the networks, or there are none; an address that is not known is in none.</summary>
    public static bool Allow(IPNetwork[] networks, IPAddress? client)
    {
        if (networks.Length == 0)
        {
            return true;
        }
        if (client is null)
        {
            return false;
        }
        // As a socket that takes both families says it.
        IPAddress address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        foreach (IPNetwork network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }
}
