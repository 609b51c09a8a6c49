using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Writes <c>contents</c>: turns of the roles <c>user</c> and <c>model</c>.</summary>
internal sealed class GeminiContentWriter(Utf8JsonWriter writer, ConversionNotes notes, string model)
{
    private readonly GeminiPartWriter _parts = new(writer, notes, model);

    public void Write(IReadOnlyList<Message> messages)
    {
        writer.WriteStartArray("contents");
        for (int i = 0; i < messages.Count; i++)
        {
            Message message = messages[i];
            if (message.Name is not null)
            {
                notes.Lose("name", "Gemini's turns have no names.");
            }
            if (message.Raw is { Wire: Wire.Gemini } raw)
            {
                _parts.NoteUnnamed(message, raw.Json);
                raw.Json.WriteTo(writer);
                continue;
            }
            List<Part> parts = [.. message.Parts];
            // All results of one turn belong into one turn of their own: as many as there were calls.
            while (message.Role == Role.Tool && i + 1 < messages.Count && messages[i + 1] is { Role: Role.Tool, Raw: null or { Wire: not Wire.Gemini } } next)
            {
                parts.AddRange(next.Parts);
                i++;
            }
            if (message.Role == Role.System)
            {
                notes.Bridge("role:system", "Instructions in the middle of the conversation are said by the user.");
            }
            WriteOne(message.Role == Role.Assistant ? "model" : "user", parts);
        }
        writer.WriteEndArray();
    }

    private void WriteOne(string role, List<Part> parts)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        WriteParts(parts);
        writer.WriteEndObject();
    }

    public void WriteParts(IReadOnlyList<Part> parts)
    {
        writer.WriteStartArray("parts");
        if (!_parts.WriteAll(parts))
        {
            // A turn without parts is refused.
            writer.WriteStartObject();
            writer.WriteString("text", "");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
