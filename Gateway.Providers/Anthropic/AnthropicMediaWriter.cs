using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes images and documents.</summary>
internal sealed class AnthropicMediaWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    private static readonly HashSet<string> ImageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];

    /// <summary>False for what Anthropic would refuse; notes why.</summary>
    public bool CanWrite(MediaPart media)
    {
        MediaSource source = media.Source;
        if (media.Kind is MediaKind.Audio or MediaKind.Video)
        {
            notes.Lose(media.Kind == MediaKind.Audio ? "part:audio" : "part:video", "Anthropic takes images and documents only.");
            return false;
        }
        if (source.FileId is not null && source.Owner != Wire.AnthropicMessages)
        {
            notes.Lose("file_id", "A file that another vendor keeps is unknown here.");
            return false;
        }
        if (source.Url is { } url && !url.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            notes.Lose("url", "Anthropic fetches http(s) addresses only.");
            return false;
        }
        if (source.Data is not null && !(media.Kind == MediaKind.Image ? ImageTypes.Contains(ImageType(source)) : IsPdf(media) || TextOf(media) is not null))
        {
            notes.Lose(media.Kind == MediaKind.Image ? "part:image" : "part:file", $"Anthropic takes nothing of the type {source.MediaType ?? "unknown"}.");
            return false;
        }
        return true;
    }

    public void Write(MediaPart media)
    {
        if (media.Detail is not null)
        {
            notes.Bridge("detail", "Anthropic looks at every image in the detail that it chooses.");
        }
        writer.WriteStartObject();
        writer.WriteString("type", media.Kind == MediaKind.Image ? "image" : "document");
        writer.WriteStartObject("source");
        WriteSource(media);
        writer.WriteEndObject();
        if (media.Kind != MediaKind.Image && media.Name is not null)
        {
            writer.WriteString("title", media.Name);
        }
        AnthropicToolWriter.WriteCache(writer, media.Cache);
        writer.WriteEndObject();
    }

    private void WriteSource(MediaPart media)
    {
        MediaSource source = media.Source;
        if (source.Url is not null)
        {
            writer.WriteString("type", "url");
            writer.WriteString("url", source.Url);
        }
        else if (source.FileId is not null)
        {
            writer.WriteString("type", "file");
            writer.WriteString("file_id", source.FileId);
        }
        else if (media.Kind == MediaKind.Image || (source.Text is null && IsPdf(media)))
        {
            writer.WriteString("type", "base64");
            writer.WriteString("media_type", media.Kind == MediaKind.Image ? ImageType(source) : "application/pdf");
            writer.WriteString("data", source.Data);
        }
        else
        {
            writer.WriteString("type", "text");
            writer.WriteString("media_type", "text/plain");
            writer.WriteString("data", source.Text ?? TextOf(media) ?? "");
        }
    }

    private static string ImageType(MediaSource source) => source.MediaType?.ToLowerInvariant() switch { null => "image/png", "image/jpg" => "image/jpeg", var type => type };

    // "%PDF-" in base64, where nobody says what it is.
    private static bool IsPdf(MediaPart media) => media.Source.MediaType is { } type
        ? type.Equals("application/pdf", StringComparison.OrdinalIgnoreCase)
        : media.Source.Data?.StartsWith("JVBERi", StringComparison.Ordinal) ?? false;

    private static string? TextOf(MediaPart media)
    {
        string type = media.Source.MediaType ?? "text/plain";
        if (!type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) && !type.EndsWith("json", StringComparison.OrdinalIgnoreCase)
            && !type.EndsWith("xml", StringComparison.OrdinalIgnoreCase) && !type.EndsWith("yaml", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(media.Source.Data ?? ""));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
