using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary><c>inlineData</c> and <c>fileData</c>.</summary>
internal static class GeminiMedia
{
    private const string FilesApi = "https://generativelanguage.googleapis.com/";

    public static MediaPart ReadInline(JsonElement blob) => Create(
        blob.GetText("mimeType"), new MediaSource { MediaType = blob.GetText("mimeType"), Data = StandardBase64(blob.GetText("data") ?? "") }) with
    {
        Name = blob.GetText("displayName"),
    };

    public static MediaPart ReadFile(JsonElement file)
    {
        string? type = file.GetText("mimeType");
        string uri = file.GetText("fileUri") ?? "";
        // A file of Google's file API is behind the caller's key; nobody else can fetch it.
        return Create(type, uri.StartsWith(FilesApi, StringComparison.OrdinalIgnoreCase) || !uri.Contains("://", StringComparison.Ordinal)
            ? new MediaSource { MediaType = type, FileId = uri, Owner = Wire.Gemini }
            : new MediaSource { MediaType = type, Url = uri }) with
        {
            Name = file.GetText("displayName"),
        };
    }

    private static MediaPart Create(string? type, MediaSource source) => new(
        type?.Split('/')[0] switch { "image" => MediaKind.Image, "audio" => MediaKind.Audio, "video" => MediaKind.Video, _ => MediaKind.Document }, source);

    /// <summary>Google's clients may send the URL-safe alphabet, which other vendors do not take.</summary>
    public static string StandardBase64(string data)
    {
        if (data.AsSpan().IndexOfAny('-', '_') >= 0)
        {
            data = data.Replace('-', '+').Replace('_', '/');
        }
        return (data.Length % 4) switch { 2 => data + "==", 3 => data + "=", _ => data };
    }

    /// <summary>What a medium is when nobody said: by the ending of its address, else the commonest of its kind.</summary>
    public static string TypeOf(MediaPart media)
    {
        if (media.Source.MediaType is { } type)
        {
            return type;
        }
        string path = (media.Source.Url ?? media.Name ?? "").Split('?', '#')[0];
        return path[(path.LastIndexOf('.') + 1)..].ToLowerInvariant() switch
        {
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            "gif" => "image/gif",
            "heic" => "image/heic",
            "mp3" => "audio/mp3",
            "wav" => "audio/wav",
            "mp4" => "video/mp4",
            "webm" => "video/webm",
            "mov" => "video/quicktime",
            "txt" => "text/plain",
            "csv" => "text/csv",
            "html" => "text/html",
            "md" => "text/markdown",
            _ => media.Kind switch
            {
                MediaKind.Image => "image/jpeg",
                MediaKind.Audio => "audio/wav",
                MediaKind.Video => "video/mp4",
                _ => "application/pdf",
            },
        };
    }
}
