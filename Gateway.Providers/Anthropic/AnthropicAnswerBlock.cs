using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes the parts of an answer as content blocks.</summary>
internal static class AnthropicAnswerBlock
{
    /// <summary>Writes nothing for what no block can hold; notes it.</summary>
    public static void Write(Utf8JsonWriter writer, Part part, ConversionNotes notes)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(writer, text.Text, [.. text.Citations.Where(c => CanWrite(c, notes))]);
                break;
            case RefusalPart refusal:
                WriteText(writer, refusal.Text, []);
                break;
            case ReasoningPart { Redacted: true, Signature: { } data } hidden:
                WriteRedacted(writer, ForeignSignature.Wrap(hidden.Origin, Wire.AnthropicMessages, data));
                break;
            case ReasoningPart thought:
                writer.WriteStartObject();
                writer.WriteString("type", "thinking");
                writer.WriteString("thinking", thought.Text);
                // Said even of thoughts that nobody signed: they must not come to Anthropic as its own.
                writer.WriteString("signature", ForeignSignature.Wrap(thought.Origin, Wire.AnthropicMessages, thought.Signature ?? ""));
                writer.WriteEndObject();
                break;
            case ToolCallPart call:
                WriteCall(writer, call, notes);
                break;
            case OpaquePart { Wire: Wire.AnthropicMessages } own:
                own.Json.WriteTo(writer);
                break;
            case OpaquePart opaque:
                notes.Lose("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} has such parts.");
                break;
            case MediaPart media:
                WriteMedia(writer, media, notes);
                break;
        }
    }

    public static bool CanWrite(Citation citation, ConversionNotes notes)
    {
        bool can = AnthropicCitations.CanWrite(citation);
        if (!can)
        {
            notes.Lose("citations", "Anthropic cites its own documents, and addresses.");
        }
        return can;
    }

    /// <summary>A medium as reports name it.</summary>
    public static string NameOf(MediaKind kind) =>
        kind switch { MediaKind.Image => "part:image", MediaKind.Audio => "part:audio", MediaKind.Video => "part:video", _ => "part:file" };

    public static void WriteRedacted(Utf8JsonWriter writer, string data)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "redacted_thinking");
        writer.WriteString("data", data);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string text, List<Citation> citations)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        writer.WriteString("text", text);
        // Left out where there are none, as Anthropic does: its types allow null, some clients do not.
        if (citations.Count > 0)
        {
            writer.WriteStartArray("citations");
            citations.ForEach(c => AnthropicCitations.Write(writer, c));
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, ToolCallPart call, ConversionNotes notes)
    {
        writer.WriteStartObject();
        WriteCallHead(writer, SignedCallId.Write(call.Id, call.Signature), call.Name);
        AnthropicBlockWriter.WriteInput(writer, call.ArgumentsJson, notes);
        writer.WriteEndObject();
    }

    /// <summary>All of a tool call but its input. <c>caller</c> is new, and clients that check answers refuse a call without it.</summary>
    public static void WriteCallHead(Utf8JsonWriter writer, string id, string name)
    {
        writer.WriteString("type", "tool_use");
        writer.WriteString("id", id);
        writer.WriteStartObject("caller");
        writer.WriteString("type", "direct");
        writer.WriteEndObject();
        writer.WriteString("name", name);
    }

    // What was said is kept even where the sound is not.
    private static void WriteMedia(Utf8JsonWriter writer, MediaPart media, ConversionNotes notes)
    {
        notes.Lose(NameOf(media.Kind), "An Anthropic answer carries no media.");
        if (media.Transcript is { Length: > 0 } words)
        {
            WriteText(writer, words, []);
        }
    }
}
