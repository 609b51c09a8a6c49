using System.Buffers.Binary;
using Gateway.Core.Generation;

namespace Gateway.Providers.Bedrock.EventStream;

/// <summary>
/// One message of <c>application/vnd.amazon.eventstream</c>: total length, headers' length, CRC of these two; headers; payload; CRC
/// of all before it. Numbers are big-endian. Source: AWS, "Event stream encoding" (Amazon Transcribe Developer Guide); Smithy,
/// "Amazon Event Stream Specification".
/// </summary>
internal readonly ref struct EventStreamMessage
{
    public const int PreludeLength = 12;
    private const int CrcLength = 4;
    private const byte StringType = 7;
    private const int MaxHeaders = 128 * 1024;
    private const int MaxTotal = (16 * 1024 * 1024) + MaxHeaders + PreludeLength + CrcLength;

    private EventStreamMessage(int length, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        Length = length;
        Headers = headers;
        Payload = payload;
    }

    /// <summary>Of the whole message.</summary>
    public int Length { get; }
    public ReadOnlySpan<byte> Headers { get; }
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads the message at the start of the buffer; false when it is not whole yet.</summary>
    /// <exception cref="GenerationFormatException">A checksum is wrong or a length impossible.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out EventStreamMessage message)
    {
        message = default;
        if (buffer.Length < PreludeLength)
        {
            return false;
        }
        // Before anything in it is believed.
        if (Crc32.Of(buffer[..8]) != BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]))
        {
            throw new GenerationFormatException("The upstream's event stream is damaged: the checksum of a message's head is wrong.");
        }
        uint total = BinaryPrimitives.ReadUInt32BigEndian(buffer);
        uint headers = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        if (total > MaxTotal || headers > MaxHeaders || total < PreludeLength + headers + CrcLength)
        {
            throw new GenerationFormatException("The upstream's event stream is damaged: a message has an impossible length.");
        }
        if (buffer.Length < total)
        {
            return false;
        }
        ReadOnlySpan<byte> whole = buffer[..(int)total];
        if (Crc32.Of(whole[..^CrcLength]) != BinaryPrimitives.ReadUInt32BigEndian(whole[^CrcLength..]))
        {
            throw new GenerationFormatException("The upstream's event stream is damaged: the checksum of a message is wrong.");
        }
        message = new EventStreamMessage((int)total, whole.Slice(PreludeLength, (int)headers), whole[(PreludeLength + (int)headers)..^CrcLength]);
        return true;
    }

    /// <summary>The value of a header that is a string; empty when it is not there or is something else.</summary>
    /// <exception cref="GenerationFormatException">The headers do not add up.</exception>
    public ReadOnlySpan<byte> Header(ReadOnlySpan<byte> name)
    {
        int at = 0;
        while (at < Headers.Length)
        {
            ReadOnlySpan<byte> found = Take(ref at, Take(ref at, 1)[0]);
            byte type = Take(ref at, 1)[0];
            ReadOnlySpan<byte> value = Take(ref at, ValueLength(type, ref at));
            if (type == StringType && found.SequenceEqual(name))
            {
                return value;
            }
        }
        return default;
    }

    private int ValueLength(byte type, scoped ref int at) => type switch
    {
        // true, false
        0 or 1 => 0,
        // byte, short, integer, long
        2 => 1,
        3 => 2,
        4 => 4,
        5 => 8,
        // bytes, string
        6 or StringType => BinaryPrimitives.ReadUInt16BigEndian(Take(ref at, 2)),
        // timestamp, uuid
        8 => 8,
        9 => 16,
        _ => throw Damaged(),
    };

    private ReadOnlySpan<byte> Take(scoped ref int at, int length)
    {
        if (Headers.Length - at < length)
        {
            throw Damaged();
        }
        ReadOnlySpan<byte> taken = Headers.Slice(at, length);
        at += length;
        return taken;
    }

    private static GenerationFormatException Damaged() => new("The upstream's event stream is damaged: a message's headers do not add up.");
}
