using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes the parts of a request's messages as content blocks.</summary>
internal sealed class AnthropicBlockWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    private readonly AnthropicMediaWriter _media = new(writer, notes);

    public static bool HasContent(JsonElement message) =>
        message.Has("content", out JsonElement content)
        && (content.ValueKind == JsonValueKind.String ? content.GetString()!.Length > 0 : content.ValueKind == JsonValueKind.Array && content.GetArrayLength() > 0);

    /// <summary>The content of a message of this wire, as blocks.</summary>
    public static void CopyBlocks(JsonElement message, Utf8JsonWriter writer)
    {
        JsonElement content = message.GetProperty("content");
        if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement block in content.EnumerateArray())
            {
                block.WriteTo(writer);
            }
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        writer.WriteString("text", content.GetString());
        writer.WriteEndObject();
    }

    /// <summary>Those that can be written; notes the others. Empty texts are refused by Anthropic, and say nothing.</summary>
    public List<Part> Keep(IReadOnlyList<Part> parts, string role)
    {
        List<Part> kept = [];
        foreach (Part part in parts)
        {
            NoteSignature(part);
            switch (part)
            {
                case MediaPart said when role == "assistant":
                    notes.Lose(AnthropicAnswerBlock.NameOf(said.Kind), "An assistant's message carries no media here.");
                    kept.AddRange(said.Transcript is { Length: > 0 } words ? [new TextPart(words)] : Array.Empty<Part>());
                    break;
                case TextPart { Text: "" } or RefusalPart { Text: "" }:
                case MediaPart media when !_media.CanWrite(media):
                case ReasoningPart thought when !CanWrite(thought):
                case OpaquePart opaque when opaque.Wire != Wire.AnthropicMessages && Lost("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} has such parts."):
                    break;
                case ToolResultPart result:
                    kept.Add(result with { Content = Keep(result.Content, "user") });
                    break;
                default:
                    kept.Add(part);
                    break;
            }
        }
        return kept;
    }

    public void Write(Part part)
    {
        switch (part)
        {
            case OpaquePart opaque:
                opaque.Json.WriteTo(writer);
                return;
            case MediaPart media:
                _media.Write(media);
                return;
        }
        writer.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                WriteText(text);
                break;
            case RefusalPart refusal:
                notes.Bridge("refusal", "A refusal is ordinary text here.");
                writer.WriteString("type", "text");
                writer.WriteString("text", refusal.Text);
                break;
            case ReasoningPart { Redacted: true } hidden:
                writer.WriteString("type", "redacted_thinking");
                writer.WriteString("data", hidden.Signature);
                break;
            case ReasoningPart thought:
                writer.WriteString("type", "thinking");
                writer.WriteString("thinking", thought.Text);
                writer.WriteString("signature", thought.Signature);
                break;
            case ToolCallPart call:
                WriteCall(call);
                break;
            case ToolResultPart result:
                WriteResult(result);
                break;
        }
        AnthropicToolWriter.WriteCache(writer, part.Cache);
        writer.WriteEndObject();
    }

    private void WriteText(TextPart text)
    {
        writer.WriteString("type", "text");
        writer.WriteString("text", text.Text);
        List<Citation> own = [.. text.Citations.Where(c => c.Raw?.Wire == Wire.AnthropicMessages)];
        if (own.Count < text.Citations.Count)
        {
            // It would look each up among its own results.
            notes.Bridge("citations", "Citations of other vendors were left out; the text they stand in was not.");
        }
        if (own.Count > 0)
        {
            writer.WriteStartArray("citations");
            own.ForEach(c => AnthropicCitations.Write(writer, c));
            writer.WriteEndArray();
        }
    }

    private void WriteCall(ToolCallPart call)
    {
        writer.WriteString("type", "tool_use");
        writer.WriteString("id", AnthropicIds.Clean(call.Id));
        writer.WriteString("name", call.Name);
        WriteInput(writer, call.ArgumentsJson, notes);
    }

    /// <summary>Writes <c>input</c>, which must be an object whatever the model wrote.</summary>
    public static void WriteInput(Utf8JsonWriter writer, string arguments, ConversionNotes notes)
    {
        writer.WritePropertyName("input");
        JsonElement input = JsonFields.TryParse(arguments);
        if (input.ValueKind == JsonValueKind.Object)
        {
            input.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        if (!string.IsNullOrWhiteSpace(arguments))
        {
            notes.Bridge("arguments", "Arguments that are no JSON object were put into one, under 'arguments'.");
            writer.WriteString("arguments", arguments);
        }
        writer.WriteEndObject();
    }

    private void WriteResult(ToolResultPart result)
    {
        writer.WriteString("type", "tool_result");
        writer.WriteString("tool_use_id", AnthropicIds.Clean(result.CallId));
        if (result.Content is [TextPart { Cache: null } text])
        {
            writer.WriteString("content", text.Text);
        }
        else if (result.Content.Count > 0)
        {
            writer.WriteStartArray("content");
            foreach (Part part in result.Content)
            {
                Write(part);
            }
            writer.WriteEndArray();
        }
        if (result.IsError)
        {
            writer.WriteBoolean("is_error", true);
        }
    }

    private bool CanWrite(ReasoningPart thought)
    {
        if (thought.Signature is { Length: > 0 } && thought.Origin == Wire.AnthropicMessages)
        {
            return true;
        }
        if (thought.Signature is null)
        {
            return !Lost("reasoning", "Anthropic takes back only thoughts that it signed.");
        }
        return !Lost("signature", "Thoughts that another vendor signed mean nothing here.");
    }

    private void NoteSignature(Part part)
    {
        if (AnthropicPartSignature.Of(part) is not null)
        {
            notes.Lose("signature", "A signature that another vendor put on a part means nothing here.");
        }
    }

    private bool Lost(string what, string why)
    {
        notes.Lose(what, why);
        return true;
    }
}
