using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes the content of messages and tool results that go into a request.</summary>
internal sealed class ResponsesContentWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void WriteParts(Role role, IReadOnlyList<Part> parts)
    {
        writer.WriteStartArray();
        foreach (Part part in parts)
        {
            WritePart(role, part);
        }
        writer.WriteEndArray();
    }

    private void WritePart(Role role, Part part)
    {
        switch (part)
        {
            case TextPart text when role == Role.Assistant:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "output_text"u8);
                writer.WriteString("text"u8, text.Text);
                ResponsesAnnotations.Write(text.Citations, 0, writer, notes);
                writer.WriteEndObject();
                break;
            case TextPart text:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "input_text"u8);
                writer.WriteString("text"u8, text.Text);
                writer.WriteEndObject();
                break;
            case RefusalPart refusal:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "refusal"u8);
                writer.WriteString("refusal"u8, refusal.Text);
                writer.WriteEndObject();
                break;
            case MediaPart when role == Role.Assistant:
                notes.Lose("part:media", "Responses takes no pictures or sounds back in the model's own turns.");
                WriteText("[A picture or sound that is not repeated here.]", "output_text"u8);
                break;
            case MediaPart media:
                WriteMedia(media);
                break;
            case OpaquePart { Wire: Wire.OpenAIResponses } own:
                own.Json.WriteTo(writer);
                break;
            case OpaquePart other:
                notes.Lose("part:" + other.Type, "Responses has no such part.");
                break;
        }
        if (part.Cache is not null)
        {
            notes.Bridge("cache", "Responses finds reusable prefixes by itself.");
        }
    }

    private void WriteMedia(MediaPart media)
    {
        MediaSource source = media.Source;
        if (source.FileId is not null && source.Owner is not (Wire.OpenAIResponses or Wire.OpenAIChat))
        {
            notes.Lose("file_id", "A file's id is known only to the vendor that keeps it.");
            return;
        }
        switch (media.Kind)
        {
            case MediaKind.Image:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "input_image"u8);
                WriteSource(source, "image_url"u8, "image/png");
                writer.WriteString("detail"u8, media.Detail ?? "auto");
                writer.WriteEndObject();
                break;
            case MediaKind.Audio when source.Data is not null:
                writer.WriteStartObject();
                writer.WriteString("type"u8, "input_audio"u8);
                writer.WriteStartObject("input_audio"u8);
                writer.WriteString("data"u8, source.Data);
                writer.WriteString("format"u8, source.MediaType is "audio/mpeg" or "audio/mp3" ? "mp3" : source.MediaType?.Split('/')[^1] ?? "wav");
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case MediaKind.Document:
                WriteFile(media);
                break;
            default:
                notes.Lose("part:" + (media.Kind == MediaKind.Audio ? "audio" : "video"), "Responses takes no such medium.");
                break;
        }
    }

    private void WriteFile(MediaPart media)
    {
        MediaSource source = media.Source.Text is { } text
            ? new MediaSource { MediaType = "text/plain", Data = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) }
            : media.Source;
        writer.WriteStartObject();
        writer.WriteString("type"u8, "input_file"u8);
        if (source.Data is not null)
        {
            // Data without a name is refused.
            writer.WriteString("filename"u8, media.Name ?? (source.MediaType == "text/plain" ? "document.txt" : "document.pdf"));
            writer.WriteString("file_data"u8, source.ToUrl("application/pdf"));
        }
        else
        {
            WriteSource(source, "file_url"u8, "application/pdf");
        }
        writer.WriteEndObject();
    }

    private void WriteSource(MediaSource source, ReadOnlySpan<byte> urlField, string mediaType)
    {
        if (source.FileId is not null)
        {
            writer.WriteString("file_id"u8, source.FileId);
            return;
        }
        if (source.Url is { } url && !url.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            notes.Lose("url", "Responses fetches http(s) addresses only.");
        }
        writer.WriteString(urlField, source.ToUrl(mediaType) ?? "");
    }

    private void WriteText(string text, ReadOnlySpan<byte> type)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }
}
