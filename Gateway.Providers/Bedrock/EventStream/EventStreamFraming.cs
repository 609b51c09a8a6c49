using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Bedrock.EventStream;

/// <summary>
/// The events of an AWS event stream: the name is the header <c>:event-type</c>, the data the payload. Exceptions and errors, which
/// end a stream, come as events named <see cref="Exception"/> whose data is <c>{"type","message"}</c>.
/// </summary>
internal sealed class EventStreamFraming : StreamFraming
{
    private static readonly byte[] ExceptionName = "exception"u8.ToArray();

    /// <summary>The name of events that say what went wrong.</summary>
    public static ReadOnlySpan<byte> Exception => ExceptionName;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> buffer, bool end, out StreamFrame frame)
    {
        frame = default;
        if (!EventStreamMessage.TryRead(buffer, out EventStreamMessage message))
        {
            return false;
        }
        ReadOnlySpan<byte> kind = message.Header(":message-type"u8);
        frame = kind.SequenceEqual("exception"u8)
            ? new StreamFrame { EventName = ExceptionName, Data = Failure(message.Header(":exception-type"u8), Message(message.Payload)), Length = message.Length }
            : kind.SequenceEqual("error"u8)
            ? new StreamFrame { EventName = ExceptionName, Data = Failure(message.Header(":error-code"u8), Encoding.UTF8.GetString(message.Header(":error-message"u8))), Length = message.Length }
            : new StreamFrame { EventName = message.Header(":event-type"u8), Data = message.Payload, Length = message.Length };
        return true;
    }

    private static ReadOnlySpan<byte> Failure(ReadOnlySpan<byte> type, string? text)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, Encoding.UTF8.GetString(type));
            writer.WriteString("message"u8, text ?? "");
            writer.WriteEndObject();
        }
        return output.WrittenSpan;
    }

    private static string? Message(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("message", out JsonElement text)
                && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
