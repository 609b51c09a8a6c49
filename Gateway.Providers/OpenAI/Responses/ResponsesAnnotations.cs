using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Citations as the <c>annotations</c> of an answer's text.</summary>
internal static class ResponsesAnnotations
{
    /// <param name="offset">Characters of the text before the part that is cited for.</param>
    public static void Write(IReadOnlyList<Citation> citations, int offset, Utf8JsonWriter writer, ConversionNotes notes)
    {
        writer.WriteStartArray("annotations"u8);
        foreach (Citation citation in citations)
        {
            if (CanWrite(citation, notes))
            {
                WriteOne(citation, offset, writer);
            }
        }
        writer.WriteEndArray();
    }

    public static bool CanWrite(Citation citation, ConversionNotes notes)
    {
        if (citation.Url is not null || citation.Raw?.Wire == Wire.OpenAIResponses)
        {
            return true;
        }
        notes.Lose("citations", "Responses cites addresses and its own files only.");
        return false;
    }

    public static void WriteOne(Citation citation, int offset, Utf8JsonWriter writer)
    {
        if (citation.Raw is { Wire: Wire.OpenAIResponses } raw)
        {
            raw.Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type"u8, "url_citation"u8);
        writer.WriteNumber("start_index"u8, offset + (citation.Start ?? 0));
        writer.WriteNumber("end_index"u8, offset + (citation.End ?? citation.Start ?? 0));
        writer.WriteString("title"u8, citation.Title ?? citation.Url);
        writer.WriteString("url"u8, citation.Url);
        writer.WriteEndObject();
    }
}
