using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Writes the parts of an answer to a Gemini client, which sends them back in its next turn.</summary>
internal sealed class GeminiAnswerParts(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void Write(Part part)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(text.Text, false, text.Signature);
                break;
            case RefusalPart refusal:
                notes.Bridge("refusal", "Gemini knows no refusals; it is text.");
                WriteText(refusal.Text, false, null);
                break;
            case ReasoningPart reasoning:
                WriteText(
                    reasoning.Text,
                    reasoning.Text.Length > 0 || reasoning.Origin != Wire.Gemini,
                    reasoning.Signature is null ? null : GeminiSignatures.ToClient(reasoning.Origin, reasoning.Signature, reasoning.Redacted));
                break;
            case ToolCallPart call:
                GeminiCalls.Write(call, writer, notes, call.Signature);
                break;
            case MediaPart media:
                WriteMedia(media);
                break;
            case OpaquePart { Wire: Wire.Gemini } opaque:
                opaque.Json.WriteTo(writer);
                break;
            case OpaquePart opaque:
                notes.Lose("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} knows this kind of part.");
                break;
        }
    }

    public void WriteText(string text, bool thought, string? signature)
    {
        writer.WriteStartObject();
        writer.WriteString("text", text);
        if (thought)
        {
            writer.WriteBoolean("thought", true);
        }
        if (signature is not null)
        {
            writer.WriteString("thoughtSignature", signature);
        }
        writer.WriteEndObject();
    }

    private void WriteMedia(MediaPart media)
    {
        if (!string.IsNullOrEmpty(media.Transcript))
        {
            notes.Bridge("transcript", "The words of a sound stand as text before it.");
            WriteText(media.Transcript, false, null);
        }
        if (media.Source is { FileId: not null, Owner: not Wire.Gemini })
        {
            notes.Lose("file_id", "The file is at another vendor.");
            return;
        }
        writer.WriteStartObject();
        GeminiBlobs.Write(media, writer);
        if (media.Signature is not null)
        {
            writer.WriteString("thoughtSignature", media.Signature);
        }
        writer.WriteEndObject();
    }
}
