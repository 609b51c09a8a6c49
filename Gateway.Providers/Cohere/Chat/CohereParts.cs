using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Reads the content, the calls and the citations of messages.</summary>
internal static class CohereParts
{
    /// <summary>The id of the thoughts that stand in <c>tool_plan</c>, not in the content.</summary>
    public const string ToolPlan = "tool_plan";

    public static List<Part> ReadContent(JsonElement message)
    {
        if (!message.Has("content", out JsonElement content))
        {
            return [];
        }
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString() is { Length: > 0 } text ? [new TextPart(text)] : [],
            JsonValueKind.Array => [.. content.EnumerateArray().Select(ReadPart)],
            _ => throw new GenerationFormatException("A message's 'content' must be a string or an array of parts.", "messages"),
        };
    }

    /// <summary>What the model said in one turn: its thoughts, its words with their citations, and its calls.</summary>
    public static List<Part> ReadAssistant(JsonElement message)
    {
        List<Part> parts = ReadContent(message);
        AddCitations(message, parts);
        if (message.Text(ToolPlan) is { Length: > 0 } plan)
        {
            parts.Add(new ReasoningPart(plan) { Id = ToolPlan, Origin = Wire.CohereChat });
        }
        foreach (JsonElement call in message.Items("tool_calls"))
        {
            call.Has("function", out JsonElement function);
            parts.Add(new ToolCallPart(call.Text("id") ?? "", function.Text("name") ?? "", function.Text("arguments") ?? "{}"));
        }
        return parts;
    }

    private static Part ReadPart(JsonElement part)
    {
        string type = part.ValueKind == JsonValueKind.Object ? part.Text("type") ?? "text"
            : throw new GenerationFormatException("Each part of a message's 'content' must be an object.", "messages");
        return type switch
        {
            "text" => new TextPart(part.Text("text") ?? ""),
            "thinking" => ReadThinking(part),
            "image_url" when part.Has("image_url", out JsonElement image) && image.Text("url") is { } url =>
                new MediaPart(MediaKind.Image, MediaSource.OfUrl(url)) { Detail = image.Text("detail") },
            "document" when part.Has("document", out JsonElement document) => ReadDocument(part, document),
            _ => new OpaquePart(Wire.CohereChat, type, part),
        };
    }

    private static ReasoningPart ReadThinking(JsonElement part)
    {
        string? raw = part.Text("signature");
        (Wire origin, string? signature) = raw is null ? (Wire.CohereChat, null) : ForeignSignature.Unwrap(Wire.CohereChat, raw);
        return new ReasoningPart(part.Text("thinking") ?? "") { Signature = signature, Origin = origin };
    }

    // A document is an object of the caller's own fields; one with a text is a text document.
    private static Part ReadDocument(JsonElement part, JsonElement document) =>
        document.Has("data", out JsonElement data) && (data.ValueKind == JsonValueKind.String ? data.GetString() : data.Text("text")) is { } text
            ? new MediaPart(MediaKind.Document, new MediaSource { Text = text, MediaType = "text/plain" }) { Name = data.Text("title") ?? document.Text("id") }
            : new OpaquePart(Wire.CohereChat, "document", part);

    private static void AddCitations(JsonElement message, List<Part> parts)
    {
        foreach (JsonElement citation in message.Items("citations"))
        {
            Citation read = ReadCitation(citation);
            int index = citation.Whole32("content_index") ?? 0;
            // The index counts the content's parts; where it leads nowhere, the first text is meant.
            int at = index >= 0 && index < parts.Count && parts[index] is TextPart ? index : parts.FindIndex(p => p is TextPart);
            if (at >= 0)
            {
                var text = (TextPart)parts[at];
                parts[at] = text with { Citations = [.. text.Citations, read] };
            }
        }
    }

    public static Citation ReadCitation(JsonElement citation)
    {
        JsonElement source = citation.Items("sources").FirstOrDefault();
        if (!source.Has("document", out JsonElement document))
        {
            source.Has("tool_output", out document);
        }
        return new Citation
        {
            Start = citation.Whole32("start"),
            End = citation.Whole32("end"),
            Url = document.Text("url"),
            Title = document.Text("title"),
            CitedText = document.Text("text") ?? document.Text("snippet") ?? document.Text("content"),
            Raw = new RawJson(Wire.CohereChat, citation),
        };
    }
}
