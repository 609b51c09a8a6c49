using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>Errors in OpenAI's envelope: <c>{"error":{"message","type","param","code"}}</c>; with Azure's <c>innererror</c> where it gave one.</summary>
public static class OpenAIError
{
    // Readable quotes and accents: the answer is JSON by its content type, never part of a page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> output, GatewayError error)
    {
        using var json = new Utf8JsonWriter(output, Readable);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, error.TypeName);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, error.CodeName);
        if (error.Extra is { } extra && extra.Is(ErrorExtra.InnerError, JsonValueKind.Object))
        {
            json.WritePropertyName(extra.Name);
            extra.Value.WriteTo(json);
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }
}
