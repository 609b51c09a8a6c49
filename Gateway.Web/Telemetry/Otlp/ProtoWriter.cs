using System.Buffers.Binary;
using System.Text;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>Writes Protocol Buffers' wire format into one growing buffer. Used by one thread at a time.</summary>
internal sealed class ProtoWriter
{
    // A length is written after what it is of; four groups of seven bits are left for it, enough for 256 MiB.
    private const int LengthBytes = 4;
    private const int MaxVarintBytes = 10;
    private const int Varint = 0;
    private const int Eight = 1;
    private const int Delimited = 2;
    private const int Four = 5;

    private byte[] _buffer = new byte[65_536];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Forgets what was written after a place.</summary>
    public void Truncate(int length) => _length = length;

    /// <summary>Begins a message within this one; what is written until <see cref="End"/> is in it.</summary>
    public int Begin(int field)
    {
        Tag(field, Delimited);
        Room(LengthBytes);
        _length += LengthBytes;
        return _length;
    }

    /// <param name="start">What <see cref="Begin"/> returned.</param>
    public void End(int start)
    {
        int size = _length - start;
        for (int i = 0; i < LengthBytes; i++)
        {
            int more = i < LengthBytes - 1 ? 0x80 : 0;
            _buffer[start - LengthBytes + i] = (byte)(((size >> (7 * i)) & 0x7F) | more);
        }
    }

    public void Text(int field, string value)
    {
        Tag(field, Delimited);
        int bytes = Encoding.UTF8.GetByteCount(value);
        Raw((ulong)bytes);
        Room(bytes);
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Delimited);
        Raw((ulong)value.Length);
        Room(value.Length);
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    public void Number(int field, long value)
    {
        Tag(field, Varint);
        Raw((ulong)value);
    }

    public void Fixed64(int field, ulong value)
    {
        Tag(field, Eight);
        Room(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_length), value);
        _length += 8;
    }

    public void Fixed32(int field, uint value)
    {
        Tag(field, Four);
        Room(4);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }

    private void Tag(int field, int type) => Raw((ulong)((field << 3) | type));

    private void Raw(ulong value)
    {
        Room(MaxVarintBytes);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _buffer[_length++] = (byte)value;
    }

    private void Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }
    }
}
