using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Reads the content of messages and of tool results.</summary>
internal static class ResponsesContentReader
{
    /// <summary>Adds the parts of a message.</summary>
    public static void Read(JsonElement message, List<Part> parts)
    {
        if (message.Has("content", out JsonElement content))
        {
            Add(content, "content", parts);
        }
    }

    /// <summary>What a function gave back: text, or parts.</summary>
    public static List<Part> ReadOutput(JsonElement item)
    {
        List<Part> parts = [];
        if (item.Has("output", out JsonElement output))
        {
            Add(output, "output", parts);
        }
        return parts;
    }

    /// <summary>An answer's text with what is attached to it.</summary>
    public static Citation ReadAnnotation(JsonElement annotation) => new()
    {
        Url = annotation.Text("url"),
        Title = annotation.Text("title") ?? annotation.Text("filename"),
        Start = annotation.Whole32("start_index"),
        End = annotation.Whole32("end_index"),
        Raw = new RawJson(Wire.OpenAIResponses, annotation),
    };

    private static void Add(JsonElement content, string field, List<Part> parts)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                parts.Add(new TextPart(content.GetString()!));
                break;
            case JsonValueKind.Array:
                parts.AddRange(content.EnumerateArray().Select(ReadPart));
                break;
            default:
                throw new GenerationFormatException($"An item's '{field}' must be a string or an array of parts.", "input");
        }
    }

    private static Part ReadPart(JsonElement part)
    {
        string type = part.ValueKind == JsonValueKind.Object ? part.Text("type") ?? "input_text"
            : throw new GenerationFormatException("Each part of an item's content must be an object.", "input");
        CacheHint? cache = part.Has("prompt_cache_breakpoint", out _) ? new CacheHint() : null;
        return type switch
        {
            "input_text" or "output_text" or "text" => new TextPart(part.Text("text") ?? "")
            {
                Citations = [.. part.Items("annotations").Select(ReadAnnotation)],
                Cache = cache,
            },
            "refusal" => new RefusalPart(part.Text("refusal") ?? ""),
            "input_image" => new MediaPart(MediaKind.Image, SourceOf(part, "image_url")) { Detail = part.Text("detail"), Cache = cache },
            "input_file" => new MediaPart(MediaKind.Document, FileOf(part)) { Name = part.Text("filename"), Detail = part.Text("detail"), Cache = cache },
            "input_audio" when part.Has("input_audio", out JsonElement audio) => new MediaPart(
                MediaKind.Audio, new MediaSource { Data = audio.Text("data"), MediaType = "audio/" + (audio.Text("format") ?? "wav") })
            {
                Cache = cache,
            },
            _ => new OpaquePart(Wire.OpenAIResponses, type, part),
        };
    }

    private static MediaSource SourceOf(JsonElement part, string urlField)
    {
        // Some SDKs still send Chat's {"url": …}.
        string? url = part.Text(urlField) ?? (part.Has(urlField, out JsonElement holder) ? holder.Text("url") : null);
        return url is not null ? MediaSource.OfUrl(url)
            : part.Text("file_id") is { } id ? new MediaSource { FileId = id, Owner = Wire.OpenAIResponses }
            : throw new GenerationFormatException($"'{part.Text("type")}' must hold '{urlField}' or 'file_id'.", "input");
    }

    private static MediaSource FileOf(JsonElement part) => part.Text("file_data") switch
    {
        null => SourceOf(part, "file_url"),
        { } data when data.StartsWith("data:", StringComparison.OrdinalIgnoreCase) => MediaSource.OfUrl(data),
        { } data => new MediaSource { Data = data, MediaType = "application/pdf" },
    };
}
