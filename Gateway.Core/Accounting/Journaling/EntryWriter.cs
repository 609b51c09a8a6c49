using System.Buffers.Binary;
using System.Text;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>Writes an entry's fields into a growing buffer: integers in 7-bit groups, strings in UTF-8 with their length.</summary>
internal ref struct EntryWriter(byte[] buffer)
{
    // No field the gateway makes comes near; a foreign one is cut rather than refused.
    private const int MaxStringChars = 8192;
    private const int MaxVarintBytes = 10;

    private int _length;

    public byte[] Buffer { get; private set; } = buffer;

    public readonly ReadOnlySpan<byte> Written => Buffer.AsSpan(0, _length);

    public void WriteByte(byte value)
    {
        Reserve(1);
        Buffer[_length++] = value;
    }

    public void WriteGuid(Guid value)
    {
        Reserve(16);
        value.TryWriteBytes(Buffer.AsSpan(_length));
        _length += 16;
    }

    /// <summary>Zigzag: small numbers of either sign are short.</summary>
    public void WriteSigned(long value) => WriteUnsigned((ulong)((value << 1) ^ (value >> 63)));

    public void WriteOptional(long? value)
    {
        WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is { } present)
        {
            WriteSigned(present);
        }
    }

    /// <summary>Length plus one, so that null and empty differ.</summary>
    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteByte(0);
            return;
        }
        ReadOnlySpan<char> chars = value.AsSpan(0, Math.Min(value.Length, MaxStringChars));
        if (chars.Length < value.Length && char.IsHighSurrogate(chars[^1]))
        {
            chars = chars[..^1];
        }
        Reserve(MaxVarintBytes + (chars.Length * 3));
        if (chars.Length < 42)
        {
            // At most 126 bytes: the length is sure to be one byte, which can be filled in afterwards.
            int written = Encoding.UTF8.GetBytes(chars, Buffer.AsSpan(_length + 1));
            Buffer[_length] = (byte)(written + 1);
            _length += written + 1;
            return;
        }
        WriteUnsigned((ulong)Encoding.UTF8.GetByteCount(chars) + 1);
        _length += Encoding.UTF8.GetBytes(chars, Buffer.AsSpan(_length));
    }

    /// <summary>Starts a part whose length readers can see, so that they can pass over what they do not know in it.</summary>
    public int BeginPart()
    {
        Reserve(sizeof(int));
        _length += sizeof(int);
        return _length;
    }

    public readonly void EndPart(int start) =>
        BinaryPrimitives.WriteInt32LittleEndian(Buffer.AsSpan(start - sizeof(int)), _length - start);

    private void WriteUnsigned(ulong value)
    {
        Reserve(MaxVarintBytes);
        while (value >= 0x80)
        {
            Buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        Buffer[_length++] = (byte)value;
    }

    private void Reserve(int bytes)
    {
        if (Buffer.Length - _length < bytes)
        {
            byte[] larger = new byte[Math.Max(Buffer.Length * 2, _length + bytes)];
            Written.CopyTo(larger);
            Buffer = larger;
        }
    }
}
