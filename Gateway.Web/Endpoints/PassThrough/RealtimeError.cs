using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Gateway.Core;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>How a session is told why it ends: realtime's <c>error</c> event, and WebSocket's close. Frames: RFC 6455 section 5.2.</summary>
internal static class RealtimeError
{
    private const byte Text = 0x81;
    private const byte Close = 0x88;
    private const ushort GoingAway = 1001;
    private const ushort PolicyViolation = 1008;

    public static ReadOnlyMemory<byte> Frames(GatewayError error)
    {
        var message = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(message))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, error.TypeName);
            json.WriteString("code"u8, error.CodeName);
            json.WriteString("message"u8, error.Message);
            json.WriteNull("param"u8);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        byte[] reason = [.. new byte[2], .. Encoding.ASCII.GetBytes(error.CodeName ?? error.KindName)];
        BinaryPrimitives.WriteUInt16BigEndian(reason, error.Kind == GatewayErrorKind.ShuttingDown ? GoingAway : PolicyViolation);
        var frames = new ArrayBufferWriter<byte>(message.WrittenCount + reason.Length + 8);
        Write(frames, Text, message.WrittenSpan);
        Write(frames, Close, reason);
        return frames.WrittenMemory;
    }

    private static void Write(ArrayBufferWriter<byte> frames, byte kind, ReadOnlySpan<byte> payload)
    {
        // An error's message is never longer than a length of two bytes can say.
        frames.Write(payload.Length < 126 ? [kind, (byte)payload.Length] : [kind, 126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        frames.Write(payload);
    }
}
