using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Writes a function call as a part.</summary>
internal static class GeminiCalls
{
    public static void Write(ToolCallPart call, Utf8JsonWriter writer, ConversionNotes notes, string? signature)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionCall");
        writer.WriteString("id", call.Id);
        writer.WriteString("name", call.Name);
        writer.WritePropertyName("args");
        WriteArguments(call.ArgumentsJson, writer, notes);
        writer.WriteEndObject();
        if (signature is not null)
        {
            writer.WriteString("thoughtSignature", signature);
        }
        writer.WriteEndObject();
    }

    // Arguments are an object here; what a model wrote otherwise is kept as it is under a name of its own.
    private static void WriteArguments(string json, Utf8JsonWriter writer, ConversionNotes notes)
    {
        JsonElement arguments = JsonFields.TryParse(json);
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            arguments.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        if (!string.IsNullOrWhiteSpace(json) && arguments.ValueKind != JsonValueKind.Null)
        {
            notes.Bridge("tool_call.arguments", "The model's arguments are no JSON object; they stand in '_arguments' as they are.");
            writer.WriteString("_arguments", json);
        }
        writer.WriteEndObject();
    }
}
