using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// A failure in a stream of OpenAI Responses: the event <c>error</c>. Outside of streams that wire has OpenAI's usual envelope.
/// </summary>
public static class ResponsesError
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As the last event of a stream that breaks off.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, GatewayError error)
    {
        output.Write("event: error\ndata: "u8);
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteString("code"u8, error.CodeName ?? error.TypeName);
            json.WriteString("message"u8, error.Message);
            json.WriteString("param"u8, error.Param);
            // Where the stream stood is not known to whoever writes this; the event is the last one.
            json.WriteNumber("sequence_number"u8, int.MaxValue);
            json.WriteEndObject();
        }
        output.Write("\n\n"u8);
    }
}
