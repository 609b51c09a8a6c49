using System.Buffers.Binary;
using System.Text;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// Reads what <see cref="EntryWriter"/> wrote. At the end of the entry every field reads as its default, which is what an
/// older writer left out; an entry that ends within a field is <see cref="Failed"/>.
/// </summary>
internal ref struct EntryReader(ReadOnlySpan<byte> entry)
{
    // Names of keys, models and backends come again in every record.
    private const int LongestName = 64;
    private static readonly string?[] Names = new string?[1024];

    private ReadOnlySpan<byte> _rest = entry;

    public bool Failed { get; private set; }

    public byte ReadByte()
    {
        if (_rest.IsEmpty)
        {
            return 0;
        }
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public Guid ReadGuid() => Take(16) is { Length: 16 } bytes ? new Guid(bytes) : Guid.Empty;

    public long ReadSigned()
    {
        ulong value = ReadUnsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public long? ReadOptional() => ReadByte() == 0 ? null : ReadSigned();

    public string? ReadString() => TryTakeText(out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;

    /// <summary>As <see cref="ReadString"/>, without a copy of a text that was read lately.</summary>
    public string? ReadName()
    {
        if (!TryTakeText(out ReadOnlySpan<byte> text))
        {
            return null;
        }
        if (text.Length is 0 or > LongestName)
        {
            return Encoding.UTF8.GetString(text);
        }
        var hash = new HashCode();
        hash.AddBytes(text);
        // Any thread may put another one there at any time: what is found is compared.
        ref string? place = ref Names[(uint)hash.ToHashCode() % (uint)Names.Length];
        return Volatile.Read(ref place) is { } known && Ascii.Equals(text, known) ? known : place = Encoding.UTF8.GetString(text);
    }

    public EntryReader ReadPart()
    {
        ReadOnlySpan<byte> length = Take(sizeof(int));
        int bytes = length.Length == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(length) : 0;
        return new EntryReader(bytes >= 0 ? Take(bytes) : Take(int.MaxValue));
    }

    private bool TryTakeText(out ReadOnlySpan<byte> text)
    {
        ulong length = ReadUnsigned();
        if (length - 1 > int.MaxValue)
        {
            // 0 stands for none.
            if (length != 0)
            {
                Fail();
            }
            text = default;
            return false;
        }
        text = Take((int)(length - 1));
        return true;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            Fail();
            return default;
        }
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private ulong ReadUnsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && !_rest.IsEmpty; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
            Failed |= _rest.IsEmpty;
        }
        return value;
    }

    private void Fail()
    {
        Failed = true;
        _rest = default;
    }
}
