using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>
/// <c>groundingMetadata</c> (what Google's searches found, and which stretch of the text rests on which find) and
/// <c>citationMetadata</c> (texts that the model recites). Google counts in bytes of UTF-8, the canonical form in characters.
/// </summary>
internal static class GeminiCitations
{
    public static bool Any(JsonElement candidate) => candidate.Get("groundingMetadata", out _) || candidate.Get("citationMetadata", out _);

    /// <param name="texts">The candidate's texts, in order; a stretch is looked for in each.</param>
    public static List<(int Text, Citation Citation)> Read(JsonElement candidate, IReadOnlyList<string> texts)
    {
        List<(int, Citation)> citations = [];
        if (candidate.Get("groundingMetadata", out JsonElement grounding))
        {
            ReadGrounding(grounding, texts, citations);
        }
        if (candidate.Get("citationMetadata", out JsonElement metadata))
        {
            // Two names for one list: the Gemini API's and Vertex AI's.
            foreach (JsonElement source in metadata.GetItems("citationSources").Concat(metadata.GetItems("citations")))
            {
                (int text, int? start, int? end) = Locate(source, texts);
                citations.Add((text, new Citation
                {
                    Url = source.GetText("uri"),
                    Title = source.GetText("title"),
                    Start = start,
                    End = end,
                    Raw = new RawJson(Wire.Gemini, source),
                }));
            }
        }
        return citations;
    }

    private static void ReadGrounding(JsonElement grounding, IReadOnlyList<string> texts, List<(int, Citation)> citations)
    {
        List<JsonElement> chunks = [.. grounding.GetItems("groundingChunks")];
        var used = new bool[chunks.Count];
        foreach (JsonElement support in grounding.GetItems("groundingSupports"))
        {
            if (!support.Get("segment", out JsonElement segment))
            {
                continue;
            }
            (int text, int? start, int? end) = Locate(segment, texts);
            foreach (JsonElement index in support.GetItems("groundingChunkIndices"))
            {
                if (index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out int i) && i >= 0 && i < chunks.Count)
                {
                    used[i] = true;
                    citations.Add((text, OfChunk(chunks[i]) with { Start = start, End = end }));
                }
            }
        }
        for (int i = 0; i < chunks.Count; i++)
        {
            if (!used[i])
            {
                citations.Add((texts.Count - 1, OfChunk(chunks[i])));
            }
        }
    }

    private static Citation OfChunk(JsonElement chunk)
    {
        JsonElement source = chunk.Get("web", out JsonElement web) ? web
            : chunk.Get("retrievedContext", out JsonElement retrieved) ? retrieved
            : chunk.Get("maps", out JsonElement maps) ? maps
            : default;
        return new Citation
        {
            Url = source.GetText("uri"),
            Title = source.GetText("title"),
            CitedText = source.GetText("text"),
            Raw = new RawJson(Wire.Gemini, chunk),
        };
    }

    // The stretch's own words are surer than its numbers, which are said to be of one part and are not always.
    private static (int Text, int? Start, int? End) Locate(JsonElement segment, IReadOnlyList<string> texts)
    {
        int start = segment.GetWhole32("startIndex") ?? 0;
        int end = segment.GetWhole32("endIndex") ?? 0;
        string? words = segment.GetText("text");
        for (int i = 0; i < texts.Count; i++)
        {
            int from = CharacterAt(texts[i], start);
            int to = CharacterAt(texts[i], end);
            if (from >= 0 && to > from && (words is null || texts[i].AsSpan(from, to - from).SequenceEqual(words)))
            {
                return (i, from, to);
            }
        }
        for (int i = 0; words is { Length: > 0 } && i < texts.Count; i++)
        {
            int at = texts[i].IndexOf(words, StringComparison.Ordinal);
            if (at >= 0)
            {
                return (i, at, at + words.Length);
            }
        }
        return (texts.Count - 1, null, null);
    }

    /// <summary>The number of the character that begins at a byte; -1 when the text is shorter.</summary>
    private static int CharacterAt(string text, int bytes)
    {
        int seen = 0;
        int at = 0;
        while (seen < bytes && at < text.Length)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int length);
            seen += rune.Utf8SequenceLength;
            at += length;
        }
        return seen >= bytes ? at : -1;
    }

    /// <summary>Writes <c>groundingMetadata</c> as a member, from citations of any wire.</summary>
    /// <param name="text">The text that they are about.</param>
    public static void Write(IReadOnlyList<Citation> citations, string text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("groundingMetadata");
        writer.WriteStartArray("groundingChunks");
        foreach (Citation citation in citations)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(citation.Url is null ? "retrievedContext" : "web");
            if (citation.Url is not null)
            {
                writer.WriteString("uri", citation.Url);
            }
            if ((citation.Title ?? citation.Url) is { } title)
            {
                writer.WriteString("title", title);
            }
            if (citation.Url is null && citation.CitedText is not null)
            {
                writer.WriteString("text", citation.CitedText);
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("groundingSupports");
        for (int i = 0; i < citations.Count; i++)
        {
            WriteSupport(citations[i], i, text, writer);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteSupport(Citation citation, int index, string text, Utf8JsonWriter writer)
    {
        if (citation is not { Start: { } start, End: { } end } || start < 0 || end > text.Length || end <= start)
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteStartObject("segment");
        writer.WriteNumber("startIndex", Encoding.UTF8.GetByteCount(text.AsSpan(0, start)));
        writer.WriteNumber("endIndex", Encoding.UTF8.GetByteCount(text.AsSpan(0, end)));
        writer.WriteString("text", text[start..end]);
        writer.WriteEndObject();
        writer.WriteStartArray("groundingChunkIndices");
        writer.WriteNumberValue(index);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
