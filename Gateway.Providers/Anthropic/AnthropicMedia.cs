using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads images, documents and search results.</summary>
internal static class AnthropicMedia
{
    public static Part Read(JsonElement block, string type, CacheHint? cache)
    {
        MediaSource? source = type == "search_result" ? OfText(block) : block.Has("source", out JsonElement json) ? ReadSource(json) : null;
        return source is null
            ? new OpaquePart(Wire.AnthropicMessages, type, block) { Cache = cache }
            : new MediaPart(type == "image" ? MediaKind.Image : MediaKind.Document, source) { Name = block.Text("title"), Cache = cache };
    }

    private static MediaSource? ReadSource(JsonElement source) => source.Text("type") switch
    {
        "base64" => new MediaSource { MediaType = source.Text("media_type"), Data = source.Text("data") ?? "" },
        "text" => new MediaSource { MediaType = source.Text("media_type") ?? "text/plain", Text = source.Text("data") ?? "" },
        "url" => source.Text("url") is { } url ? MediaSource.OfUrl(url) : null,
        "file" => new MediaSource { FileId = source.Text("file_id") ?? "", Owner = Wire.AnthropicMessages },
        "content" => OfText(source),
        _ => null,
    };

    // A document made of blocks: their texts, in order. One with pictures among them only this wire can carry.
    private static MediaSource? OfText(JsonElement holder)
    {
        if (!holder.Has("content", out JsonElement content))
        {
            return null;
        }
        if (content.ValueKind == JsonValueKind.String)
        {
            return new MediaSource { MediaType = "text/plain", Text = content.GetString() };
        }
        if (content.ValueKind != JsonValueKind.Array || content.EnumerateArray().Any(b => b.Text("type") != "text"))
        {
            return null;
        }
        var text = new StringBuilder();
        foreach (JsonElement block in content.EnumerateArray())
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(block.Text("text"));
        }
        return new MediaSource { MediaType = "text/plain", Text = text.ToString() };
    }
}
