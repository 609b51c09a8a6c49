using System.Buffers;
using System.Buffers.Binary;

namespace Gateway.Providers.Bedrock.EventStream;

/// <summary>Writes messages of an AWS event stream.</summary>
internal static class EventStreamWriter
{
    private const byte StringType = 7;

    /// <summary>An event with a JSON payload.</summary>
    public static void WriteEvent(ReadOnlySpan<byte> eventType, ReadOnlySpan<byte> payload, IBufferWriter<byte> output) =>
        Write(":event-type"u8, eventType, "event"u8, payload, output);

    /// <summary>The exception that ends a stream; the payload is <c>{"message":…}</c>.</summary>
    public static void WriteException(ReadOnlySpan<byte> exceptionType, ReadOnlySpan<byte> payload, IBufferWriter<byte> output) =>
        Write(":exception-type"u8, exceptionType, "exception"u8, payload, output);

    private static void Write(ReadOnlySpan<byte> typeHeader, ReadOnlySpan<byte> type, ReadOnlySpan<byte> messageType, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        int headers = Length(typeHeader, type) + Length(":content-type"u8, "application/json"u8) + Length(":message-type"u8, messageType);
        int total = EventStreamMessage.PreludeLength + headers + payload.Length + 4;
        Span<byte> message = output.GetSpan(total)[..total];
        BinaryPrimitives.WriteInt32BigEndian(message, total);
        BinaryPrimitives.WriteInt32BigEndian(message[4..], headers);
        BinaryPrimitives.WriteUInt32BigEndian(message[8..], Crc32.Of(message[..8]));
        Span<byte> rest = message[EventStreamMessage.PreludeLength..];
        rest = Put(typeHeader, type, rest);
        rest = Put(":content-type"u8, "application/json"u8, rest);
        rest = Put(":message-type"u8, messageType, rest);
        payload.CopyTo(rest);
        BinaryPrimitives.WriteUInt32BigEndian(message[^4..], Crc32.Of(message[..^4]));
        output.Advance(total);
    }

    // Name's length, name, type, value's length, value.
    private static int Length(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => 1 + name.Length + 1 + 2 + value.Length;

    private static Span<byte> Put(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Span<byte> rest)
    {
        rest[0] = (byte)name.Length;
        name.CopyTo(rest[1..]);
        rest = rest[(1 + name.Length)..];
        rest[0] = StringType;
        BinaryPrimitives.WriteUInt16BigEndian(rest[1..], (ushort)value.Length);
        value.CopyTo(rest[3..]);
        return rest[(3 + value.Length)..];
    }
}
