using System.Text;
using System.Text.Json;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Writes a medium as <c>inlineData</c> or <c>fileData</c>.</summary>
internal static class GeminiBlobs
{
    public static void Write(MediaPart media, Utf8JsonWriter writer)
    {
        MediaSource source = media.Source;
        string type = source.Text is null ? GeminiMedia.TypeOf(media) : source.MediaType ?? "text/plain";
        if ((source.FileId ?? source.Url) is { } uri)
        {
            writer.WriteStartObject("fileData");
            writer.WriteString("mimeType", type);
            writer.WriteString("fileUri", uri);
        }
        else
        {
            writer.WriteStartObject("inlineData");
            writer.WriteString("mimeType", type);
            writer.WriteString("data", source.Data ?? Convert.ToBase64String(Encoding.UTF8.GetBytes(source.Text ?? "")));
        }
        writer.WriteEndObject();
    }
}
