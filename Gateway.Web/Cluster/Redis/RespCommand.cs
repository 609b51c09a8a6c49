using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gateway.Web.Cluster.Redis;

/// <summary>A command in the making: its words, as the bytes that go over the wire.</summary>
internal sealed class RespCommand
{
    // The number of words stands first but is known last.
    private const int Header = 16;

    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private int _words;

    public RespCommand(params ReadOnlySpan<string> words)
    {
        _buffer.Advance(Header);
        foreach (string word in words)
        {
            Add(word);
        }
    }

    public RespCommand Add(string word)
    {
        Begin(Encoding.UTF8.GetByteCount(word));
        Encoding.UTF8.GetBytes(word, _buffer);
        return End();
    }

    public RespCommand Add(long number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int length);
        Begin(length);
        _buffer.Write(digits[..length]);
        return End();
    }

    /// <summary>Not to be added to any more.</summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        Span<byte> header = stackalloc byte[Header];
        header[0] = (byte)'*';
        Utf8Formatter.TryFormat(_words, header[1..], out int digits);
        "\r\n"u8.CopyTo(header[(digits + 1)..]);
        int length = digits + 3;
        Memory<byte> all = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory);
        header[..length].CopyTo(all.Span[(Header - length)..]);
        return all[(Header - length)..];
    }

    private void Begin(int length)
    {
        _words++;
        Span<byte> span = _buffer.GetSpan(16);
        span[0] = (byte)'$';
        Utf8Formatter.TryFormat(length, span[1..], out int digits);
        "\r\n"u8.CopyTo(span[(digits + 1)..]);
        _buffer.Advance(digits + 3);
    }

    private RespCommand End()
    {
        _buffer.Write("\r\n"u8);
        return this;
    }
}
