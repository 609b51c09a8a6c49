using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// A failure in a stream of OpenAI Responses: the event <c>error</c>, and <c>response.failed</c> with the answer that came to
/// nothing. Outside of streams that wire has OpenAI's usual envelope.
/// </summary>
public static class ResponsesError
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As the last events of a stream that breaks off.</summary>
    public static void WriteEvents(IBufferWriter<byte> output, GatewayError error, in BrokenStream stream)
    {
        output.Write("event: error\ndata: "u8);
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteString("code"u8, error.CodeName ?? error.TypeName);
            json.WriteString("message"u8, error.Message);
            json.WriteString("param"u8, error.Param);
            json.WriteNumber("sequence_number"u8, stream.Next);
            json.WriteEndObject();
        }
        output.Write("\n\nevent: response.failed\ndata: "u8);
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "response.failed"u8);
            json.WriteNumber("sequence_number"u8, stream.Next + 1);
            json.WriteStartObject("response"u8);
            WriteAnswer(json, error, stream);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        output.Write("\n\n"u8);
    }

    // The fields that SDKs insist on.
    private static void WriteAnswer(Utf8JsonWriter json, GatewayError error, in BrokenStream stream)
    {
        json.WriteString("id"u8, stream.AnswerId ?? "");
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, stream.StartedAt.ToUnixTimeSeconds());
        json.WriteString("status"u8, "failed"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, error.CodeName ?? error.TypeName);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
        json.WriteNull("incomplete_details"u8);
        json.WriteNull("instructions"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteEndObject();
        json.WriteString("model"u8, stream.Model);
        json.WriteStartArray("output"u8);
        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls"u8, true);
        json.WriteNull("temperature"u8);
        json.WriteString("tool_choice"u8, "auto"u8);
        json.WriteStartArray("tools"u8);
        json.WriteEndArray();
        json.WriteNull("top_p"u8);
        json.WriteNull("usage"u8);
    }
}
