using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Writes the parts of a Chat message.</summary>
internal sealed class ChatPartWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    /// <summary>Writes <c>content</c>: a string where there is only text, else a list of parts.</summary>
    public void WriteContent(IReadOnlyList<Part> parts)
    {
        NoteHints(parts);
        if (parts.All(p => p is TextPart))
        {
            // Several texts stay several parts: they are separate for a reason, and joining them would run words together.
            if (parts.Count <= 1)
            {
                writer.WriteString("content", parts.Count == 0 ? "" : ((TextPart)parts[0]).Text);
                return;
            }
        }
        writer.WriteStartArray("content");
        foreach (Part part in parts)
        {
            WritePart(part);
        }
        writer.WriteEndArray();
    }

    private void NoteHints(IReadOnlyList<Part> parts)
    {
        if (parts.Any(p => p.Cache is not null))
        {
            notes.Bridge("cache", "Chat Completions caches prompts by itself; the hints were left out.");
        }
        if (parts.Any(p => p is TextPart { Citations.Count: > 0 }))
        {
            notes.Lose("citations", "A message of a request carries no citations here.");
        }
        if (parts.Any(p => p is TextPart { Signature: not null } or MediaPart { Signature: not null }))
        {
            notes.Lose("signature", "A signature on text means nothing here.");
        }
    }

    private void WritePart(Part part)
    {
        switch (part)
        {
            case TextPart text:
                writer.WriteStartObject();
                writer.WriteString("type", "text");
                writer.WriteString("text", text.Text);
                writer.WriteEndObject();
                break;
            case MediaPart media:
                WriteMedia(media);
                break;
            case OpaquePart { Wire: Wire.OpenAIChat } own:
                own.Json.WriteTo(writer);
                break;
            case OpaquePart opaque:
                notes.Lose("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} has such parts.");
                break;
            case RefusalPart refusal:
                writer.WriteStartObject();
                writer.WriteString("type", "refusal");
                writer.WriteString("refusal", refusal.Text);
                writer.WriteEndObject();
                break;
        }
    }

    private void WriteMedia(MediaPart media)
    {
        MediaSource source = media.Source;
        if (source.FileId is not null && source.Owner != Wire.OpenAIChat && source.Owner != Wire.OpenAIResponses)
        {
            notes.Lose("file_id", "A file that another vendor keeps is unknown here.");
            return;
        }
        if (source.Text is { } plain)
        {
            notes.Bridge("document.text", "A document given as text was sent as text.");
            WritePart(new TextPart(plain));
            return;
        }
        switch (media.Kind)
        {
            case MediaKind.Image when source.FileId is null:
                WriteImage(media);
                break;
            case MediaKind.Audio when source.Data is not null:
                WriteAudio(source);
                break;
            case MediaKind.Video when source.FileId is null:
                notes.Bridge("part:video", "Chat Completions knows videos only at some servers, as video_url.");
                WriteLinked("video_url", source.ToUrl("video/mp4")!);
                break;
            default:
                WriteFile(media);
                break;
        }
    }

    private void WriteImage(MediaPart media)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "image_url");
        writer.WriteStartObject("image_url");
        writer.WriteString("url", media.Source.ToUrl("image/png"));
        if (media.Detail is not null)
        {
            writer.WriteString("detail", media.Detail);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteLinked(string type, string url)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteStartObject(type);
        writer.WriteString("url", url);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteAudio(MediaSource source)
    {
        string format = source.MediaType?.Split('/')[^1].Split(';')[0] ?? "wav";
        writer.WriteStartObject();
        writer.WriteString("type", "input_audio");
        writer.WriteStartObject("input_audio");
        writer.WriteString("data", source.Data);
        writer.WriteString("format", format switch { "mpeg" or "mp3" => "mp3", "x-wav" or "wave" => "wav", _ => format });
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteFile(MediaPart media)
    {
        MediaSource source = media.Source;
        if (source.Url is { } url)
        {
            notes.Bridge("url", "Chat Completions fetches no files; a server may know document_url.");
            WriteLinked("document_url", url);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type", "file");
        writer.WriteStartObject("file");
        if (source.FileId is not null)
        {
            writer.WriteString("file_id", source.FileId);
        }
        else
        {
            writer.WriteString("filename", media.Name ?? "file");
            writer.WriteString("file_data", source.ToUrl("application/pdf"));
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>As a client gets it: Google's signature stands where Google has it, and in the id, which stock clients keep.</summary>
    /// <param name="index">In a delta; null in a message.</param>
    public static void WriteAnswerCall(Utf8JsonWriter writer, ToolCallPart call, int? index) =>
        WriteCall(writer, call with { Id = SignedCallId.Write(call.Id, call.Signature) }, index);

    /// <param name="index">In a delta; null in a message.</param>
    public static void WriteCall(Utf8JsonWriter writer, ToolCallPart call, int? index)
    {
        writer.WriteStartObject();
        if (index is { } number)
        {
            writer.WriteNumber("index", number);
        }
        writer.WriteString("id", call.Id);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WriteString("arguments", call.ArgumentsJson.Length == 0 && index is null ? "{}" : call.ArgumentsJson);
        writer.WriteEndObject();
        ChatReasoning.WriteGoogleSignature(writer, call.Signature);
        writer.WriteEndObject();
    }
}
