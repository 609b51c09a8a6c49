using System.Buffers.Binary;

namespace Gateway.Core;

/// <summary>Makes the ids of calls: UUIDs that sort by time (RFC 9562, version 7).</summary>
public static class CallId
{
    /// <summary>
    /// A new id. It names a call and guards nothing: its 74 random bits come from the thread's own generator, since each read of
    /// the system's random source is a system call, of which a whole request needs but six.
    /// </summary>
    /// <param name="now">Its milliseconds stand in front.</param>
    public static Guid New(DateTimeOffset now)
    {
        const long Version = 7L << 12;
        const ulong Variant = 1UL << 63;
#pragma warning disable RS0030 // An injected generator would have to be locked, and no test depends on an id.
        Random random = Random.Shared;
#pragma warning restore RS0030
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, (now.ToUnixTimeMilliseconds() << 16) | Version | (uint)random.Next(1 << 12));
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], Variant | ((ulong)random.NextInt64() >> 1));
        return new Guid(id, bigEndian: true);
    }
}
