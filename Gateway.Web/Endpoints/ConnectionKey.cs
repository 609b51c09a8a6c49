using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Gateway.Core.Keys;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Web.Endpoints;

/// <summary>The key that a connection's last request presented, with the hashes that were made of it. Safe for concurrent use: HTTP/2 has several requests at once.</summary>
internal sealed class ConnectionKey
{
    private Sent? _last;

    /// <summary>Gives each connection one, where its requests find it among their features.</summary>
    public static ConnectionDelegate Keep(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(new ConnectionKey());
        return next(connection);
    };

    /// <summary>The key in a header's value: that of the request before, if it is the same.</summary>
    /// <param name="value">The whole value. The server gives the same string again for the same bytes of a header that it knows.</param>
    /// <param name="key">The part of it that is the key.</param>
    public PresentedKey Of(string value, ReadOnlySpan<char> key)
    {
        Sent? last = _last;
        if (last is not null && (ReferenceEquals(last.Value, value) || Same(last.Key.Text, key)))
        {
            return last.Key;
        }
        _last = last = new Sent(value, new PresentedKey(key.ToString()));
        return last.Key;
    }

    // A proxy may send many clients' requests on one connection: how long this takes tells none of them about another's key.
    private static bool Same(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(left), MemoryMarshal.AsBytes(right));

    private sealed class Sent(string value, PresentedKey key)
    {
        public string Value => value;

        public PresentedKey Key => key;
    }
}
