using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Citations of a text block: of a document's characters, pages or blocks, of a search result, of the web.</summary>
internal static class AnthropicCitations
{
    public static IReadOnlyList<Citation> Read(JsonElement block) => [.. block.Items("citations").Where(c => c.ValueKind == JsonValueKind.Object).Select(ReadOne)];

    public static Citation ReadOne(JsonElement json)
    {
        string? source = json.Text("url") ?? json.Text("source");
        return new Citation
        {
            Url = source is not null && Uri.TryCreate(source, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? source : null,
            Title = json.Text("title") ?? json.Text("document_title"),
            CitedText = json.Text("cited_text"),
            Raw = new RawJson(Wire.AnthropicMessages, json),
        };
    }

    /// <summary>False for one that this wire has no words for: it cites places in its own documents, and addresses.</summary>
    public static bool CanWrite(Citation citation) => citation.Raw?.Wire == Wire.AnthropicMessages || citation.Url is not null;

    public static void Write(Utf8JsonWriter writer, Citation citation)
    {
        if (citation.Raw is { Wire: Wire.AnthropicMessages } raw)
        {
            raw.Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type", "web_search_result_location");
        writer.WriteString("cited_text", citation.CitedText ?? "");
        writer.WriteString("encrypted_index", "");
        writer.WriteString("title", citation.Title ?? citation.Url);
        writer.WriteString("url", citation.Url);
        writer.WriteEndObject();
    }
}
