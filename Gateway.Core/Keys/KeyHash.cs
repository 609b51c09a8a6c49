using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Core.Keys;

/// <summary>A 256-bit digest of a client key, as a value that a dictionary can hold without a byte array.</summary>
public readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    private const int MaxStackBytes = 512;

    /// <summary>From the 32 bytes of a digest.</summary>
    /// <exception cref="ArgumentException">There are not 32 of them.</exception>
    public static KeyHash FromBytes(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != 32)
        {
            throw new ArgumentException("A key hash has 32 bytes.", nameof(digest));
        }
        return new KeyHash(
            BinaryPrimitives.ReadUInt64BigEndian(digest),
            BinaryPrimitives.ReadUInt64BigEndian(digest[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(digest[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(digest[24..]));
    }

    /// <summary>SHA-256 of the key's UTF-8 bytes: enough for 256 random bits, which cannot be guessed from the hash.</summary>
    public static KeyHash OfKey(ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = key.Length * 3 <= MaxStackBytes ? stackalloc byte[MaxStackBytes] : new byte[key.Length * 3];
        int length = Encoding.UTF8.GetBytes(key, utf8);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], digest);
        return FromBytes(digest);
    }

    /// <summary>
    /// The digest of a token that people chose, which a plain hash would not protect: this one hashed again behind the gateway's own
    /// secret. Both have one length each, so that nothing can be appended, and one more hash costs a third of an HMAC.
    /// </summary>
    /// <param name="secret">Random bytes, the same number of them always and at most 480; none where nobody will present the token.</param>
    public KeyHash Under(ReadOnlySpan<byte> secret)
    {
        Span<byte> both = stackalloc byte[MaxStackBytes];
        secret.CopyTo(both);
        CopyTo(both[secret.Length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(both[..(secret.Length + SHA256.HashSizeInBytes)], digest);
        return FromBytes(digest);
    }

    /// <summary>The digest as 64 lower-case hexadecimal digits.</summary>
    public string ToHex()
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <exception cref="FormatException">Not 64 hexadecimal digits.</exception>
    public static KeyHash FromHex(string hex) => FromBytes(Convert.FromHexString(hex));

    /// <summary>Any quarter of a digest is as good a hash code as another.</summary>
    public override int GetHashCode() => (int)A;

    private void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }
}
