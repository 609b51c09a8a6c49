using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Reads a Chat message's content.</summary>
internal static class ChatParts
{
    public static List<Part> ReadContent(JsonElement message)
    {
        if (!message.Has("content", out JsonElement content))
        {
            return [];
        }
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString() is { Length: > 0 } text ? [new TextPart(text) { Signature = ChatReasoning.GoogleSignature(message) }] : [],
            JsonValueKind.Array => [.. content.EnumerateArray().Select(ReadPart)],
            _ => throw new GenerationFormatException("A message's 'content' must be a string or an array of parts.", "messages"),
        };
    }

    public static Part ReadPart(JsonElement part)
    {
        string type = part.ValueKind == JsonValueKind.Object ? part.Text("type") ?? "text"
            : throw new GenerationFormatException("Each part of a message's 'content' must be an object.", "messages");
        CacheHint? cache = part.Has("cache_control", out JsonElement control) ? new CacheHint(control.Text("ttl")) : null;
        return type switch
        {
            "text" or "input_text" or "output_text" => new TextPart(part.Text("text") ?? "") { Cache = cache },
            "refusal" => new RefusalPart(part.Text("refusal") ?? ""),
            "thinking" => new ReasoningPart(ThinkingOf(part)) { Signature = part.Text("signature"), Origin = Wire.OpenAIChat },
            "image_url" => Linked(MediaKind.Image, part, "image_url") with { Cache = cache },
            "video_url" => Linked(MediaKind.Video, part, "video_url"),
            "document_url" => Linked(MediaKind.Document, part, "document_url") with { Name = part.Text("document_name") },
            "audio_url" => Linked(MediaKind.Audio, part, "audio_url"),
            "input_audio" => InputAudio(part),
            "file" => File(part) with { Cache = cache },
            _ => new OpaquePart(Wire.OpenAIChat, type, part),
        };
    }

    /// <summary>Sound the model made, or a reference to it in a later turn.</summary>
    public static MediaPart ReadAudio(JsonElement audio) => new(
        MediaKind.Audio,
        audio.Text("data") is { } data
            ? new MediaSource { Data = data, MediaType = "audio/wav" }
            : new MediaSource { FileId = audio.Text("id"), Owner = Wire.OpenAIChat })
    {
        Transcript = audio.Text("transcript"),
        Name = audio.Text("id"),
    };

    /// <summary>Citations stand beside the text in Chat; the canonical form has them on it.</summary>
    public static void AddAnnotations(JsonElement message, List<Part> content)
    {
        List<Citation> citations = [.. message.Items("annotations").Select(ReadAnnotation)];
        int last = content.FindLastIndex(p => p is TextPart);
        if (citations.Count > 0 && last >= 0)
        {
            content[last] = (TextPart)content[last] with { Citations = citations };
        }
    }

    public static Citation ReadAnnotation(JsonElement annotation)
    {
        annotation.Has("url_citation", out JsonElement url);
        return new Citation
        {
            Url = url.Text("url"),
            Title = url.Text("title"),
            CitedText = url.Text("content"),
            Start = url.Whole32("start_index"),
            End = url.Whole32("end_index"),
            Raw = new RawJson(Wire.OpenAIChat, annotation),
        };
    }

    // Mistral's thinking part holds a list of text parts.
    private static string ThinkingOf(JsonElement part) =>
        part.Text("thinking") ?? string.Concat(part.Items("thinking").Select(t => t.Text("text")));

    // The address is an object at OpenAI and a plain string at Mistral.
    private static MediaPart Linked(MediaKind kind, JsonElement part, string name)
    {
        part.Has(name, out JsonElement holder);
        string? url = holder.ValueKind == JsonValueKind.String ? holder.GetString() : holder.Text("url");
        return new MediaPart(kind, MediaSource.OfUrl(url ?? throw new GenerationFormatException($"'{name}' must hold a url.", "messages"))) { Detail = holder.Text("detail") };
    }

    private static MediaPart InputAudio(JsonElement part)
    {
        part.Has("input_audio", out JsonElement audio);
        // Mistral takes the bare base64 string.
        string? data = audio.ValueKind == JsonValueKind.String ? audio.GetString() : audio.Text("data");
        return new MediaPart(MediaKind.Audio, new MediaSource { Data = data, MediaType = "audio/" + (audio.Text("format") ?? "wav") });
    }

    private static MediaPart File(JsonElement part)
    {
        part.Has("file", out JsonElement file);
        string? id = file.Text("file_id");
        MediaSource source = id is not null ? new MediaSource { FileId = id, Owner = Wire.OpenAIChat }
            : file.Text("file_data") is { } data && data.StartsWith("data:", StringComparison.Ordinal) ? MediaSource.OfUrl(data)
            : new MediaSource { Data = file.Text("file_data"), Url = file.Text("file_data") is null ? file.Text("file_url") : null, MediaType = "application/pdf" };
        return new MediaPart(MediaKind.Document, source) { Name = file.Text("filename") };
    }
}
