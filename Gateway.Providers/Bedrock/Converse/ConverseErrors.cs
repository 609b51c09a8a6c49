using System.Buffers;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>What went wrong within a stream, with the HTTP status that the same exception has outside one.</summary>
internal static class ConverseErrors
{
    /// <param name="error"><c>{"type","message"}</c>; the type is the exception's name.</param>
    public static JsonElement WithCode(JsonElement error)
    {
        string type = error.Text("type") ?? "";
        int code = type.ToLowerInvariant() switch
        {
            "throttlingexception" or "servicequotaexceededexception" or "modelnotreadyexception" => 429,
            "validationexception" => 400,
            "accessdeniedexception" => 403,
            "modeltimeoutexception" => 408,
            "serviceunavailableexception" => 503,
            // modelStreamErrorException, internalServerException and whatever else.
            _ => 502,
        };
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteNumber("code", code);
            writer.WriteString("message", error.Text("message") ?? "");
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
