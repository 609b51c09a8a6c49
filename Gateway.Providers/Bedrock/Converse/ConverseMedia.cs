using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Images, videos, sounds and documents, whose type Converse says as a short format.</summary>
internal static class ConverseMedia
{
    private static readonly (string Format, string MediaType)[] Formats =
    [
        ("png", "image/png"), ("jpeg", "image/jpeg"), ("gif", "image/gif"), ("webp", "image/webp"),
        ("pdf", "application/pdf"), ("csv", "text/csv"), ("doc", "application/msword"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"), ("xls", "application/vnd.ms-excel"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("html", "text/html"), ("txt", "text/plain"), ("md", "text/markdown"),
        ("mp4", "video/mp4"), ("mov", "video/quicktime"), ("mkv", "video/x-matroska"), ("webm", "video/webm"), ("flv", "video/x-flv"),
        ("mpeg", "video/mpeg"), ("mpg", "video/mpeg"), ("wmv", "video/x-ms-wmv"), ("three_gp", "video/3gpp"),
        ("mp3", "audio/mpeg"), ("wav", "audio/wav"), ("flac", "audio/flac"), ("ogg", "audio/ogg"), ("opus", "audio/opus"), ("aac", "audio/aac"), ("m4a", "audio/mp4"),
    ];

    /// <summary>Null when the block is no medium, or one whose source has no canonical form (a document in pieces).</summary>
    public static MediaPart? Read(string kind, JsonElement block)
    {
        MediaKind? media = kind switch
        {
            "image" => MediaKind.Image,
            "video" => MediaKind.Video,
            "audio" => MediaKind.Audio,
            "document" => MediaKind.Document,
            _ => null,
        };
        if (media is null || !block.Has("source", out JsonElement source))
        {
            return null;
        }
        string? type = Array.Find(Formats, f => f.Format == block.Text("format")).MediaType;
        MediaSource? from = source.Text("bytes") is { } data ? new MediaSource { Data = data, MediaType = type }
            : source.Has("s3Location", out JsonElement s3) && s3.Text("uri") is { } uri ? new MediaSource { Url = uri, MediaType = type }
            : source.Text("text") is { } text ? new MediaSource { Text = text, MediaType = type }
            : null;
        return from is null ? null : new MediaPart(media.Value, from) { Name = block.Text("name") };
    }

    /// <summary>The block's name and its format; null when Converse has none for it.</summary>
    public static (string Kind, string Format)? Of(MediaPart media)
    {
        string? type = media.Source.MediaType?.Split(';')[0].Trim().ToLowerInvariant();
        string? format = Array.Find(Formats, f => f.MediaType == type).Format ?? type switch
        {
            "image/jpg" => "jpeg",
            "audio/mp3" => "mp3",
            "audio/x-wav" or "audio/wave" => "wav",
            "text/x-markdown" => "md",
            _ => null,
        };
        return media.Kind switch
        {
            MediaKind.Image => ("image", format ?? "png"),
            MediaKind.Video => ("video", format ?? "mp4"),
            MediaKind.Audio => format is null ? null : ("audio", format),
            _ when media.Source.Text is not null => ("document", format ?? "txt"),
            // Any other text is text; what is neither known nor text cannot be named.
            _ => format is not null ? ("document", format) : type is null ? ("document", "pdf") : type.StartsWith("text/", StringComparison.Ordinal) ? ("document", "txt") : null,
        };
    }

    /// <summary>Letters, digits, single spaces, hyphens, underscores (recorded, if not documented), parentheses and brackets: all that a document's name may hold.</summary>
    public static string DocumentName(string? name, int number)
    {
        var fitting = new StringBuilder();
        foreach (char c in name ?? "")
        {
            char fit = char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '(' or ')' or '[' or ']' ? c : ' ';
            if (fit != ' ' || (fitting.Length > 0 && fitting[^1] != ' '))
            {
                fitting.Append(fit);
            }
        }
        string text = fitting.ToString().Trim();
        return text.Length == 0 ? $"document {number}" : text.Length <= 200 ? text : text[..200].TrimEnd();
    }
}
