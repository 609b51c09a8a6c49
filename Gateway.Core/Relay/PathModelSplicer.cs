using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>
/// Gemini's embeddings and counts repeat the path's model in the body (<c>requests[].model</c>,
/// <c>generateContentRequest.model</c>, <c>model</c>): it is renamed there too, and nothing else.
/// </summary>
internal static class PathModelSplicer
{
    private const int DeepestModel = 3;

    public static SplicedBody Splice(RequestEnvelope envelope, Backend backend)
    {
        string name = backend.UpstreamModel.Contains('/') ? backend.UpstreamModel : "models/" + backend.UpstreamModel;
        byte[] replacement = JsonText.Encode(name);
        var edits = new List<Edit>();
        var reader = new Utf8JsonReader(envelope.Body.Span, new JsonReaderOptions { MaxDepth = 128 });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > DeepestModel)
            {
                continue;
            }
            if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    edits.Add(new Edit(Slice.Between(reader.TokenStartIndex, reader.BytesConsumed), replacement));
                }
            }
            else if (reader.ValueTextEquals("contents"u8) || reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("tools"u8))
            {
                // A tool may have a parameter of that name.
                reader.Read();
                reader.Skip();
            }
        }
        edits.AddRange(envelope.Removals.Select(r => new Edit(r, default)));
        Edit[] sorted = [.. edits.OrderBy(e => e.At.Start)];
        return new SplicedBody(envelope.Body, sorted, sorted.Length);
    }
}
