using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Citations that belong to the whole answer: Perplexity's <c>search_results</c> and <c>citations</c>.</summary>
internal static class ChatCitations
{
    public static IReadOnlyList<Citation> OfAnswer(JsonElement json)
    {
        List<Citation> results = [.. json.Items("search_results")
            .Where(r => r.Text("url") is not null)
            .Select(r => new Citation { Url = r.Text("url"), Title = r.Text("title"), CitedText = r.Text("snippet") })];
        return results.Count > 0 ? results : [.. json.Items("citations")
            .Where(c => c.ValueKind == JsonValueKind.String)
            .Select(c => new Citation { Url = c.GetString() })];
    }

    /// <param name="offset">Characters of the message before the cited text.</param>
    public static void Write(Utf8JsonWriter writer, Citation citation, int offset)
    {
        if (citation.Raw is { Wire: Core.Catalog.Wire.OpenAIChat } raw)
        {
            raw.Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type", "url_citation");
        writer.WriteStartObject("url_citation");
        writer.WriteString("url", citation.Url ?? "");
        writer.WriteString("title", citation.Title ?? citation.Url ?? "");
        writer.WriteNumber("start_index", offset + (citation.Start ?? 0));
        writer.WriteNumber("end_index", offset + (citation.End ?? citation.Start ?? 0));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
