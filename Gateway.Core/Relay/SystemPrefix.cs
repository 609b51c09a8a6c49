using System.Text;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>Puts a model's system prompt prefix before what the client tells the model first, on whichever wire.</summary>
internal static class SystemPrefix
{
    /// <param name="start">Just after the body's opening brace, where a property can be put in.</param>
    public static Edit Edit(RequestEnvelope envelope, Slice start, string prefix) => envelope.Operation switch
    {
        Operation.ChatCompletions => InFirstMessage(envelope, prefix),
        Operation.Messages => InProperty(envelope, start, prefix, "system"),
        Operation.Responses => InProperty(envelope, start, prefix, "instructions"),
        _ => InGeminiInstruction(envelope, start, prefix),
    };

    private static Edit InFirstMessage(RequestEnvelope envelope, string prefix) =>
        Before(envelope, prefix) ?? Insert(
            new Slice(envelope.Input.Start + 1, 0), $"{{\"role\":\"system\",\"content\":{Json(prefix)}}},");

    private static Edit InProperty(RequestEnvelope envelope, Slice start, string prefix, string name) =>
        Before(envelope, prefix)
        ?? (envelope.SystemContent.Exists ? Insert(envelope.SystemContent, Json(prefix)) : Insert(start, $"\"{name}\":{Json(prefix)},"));

    // {"role"?:…, "parts":[…]}: a further part at the start; anything else (a string is not allowed there) gives way.
    private static Edit InGeminiInstruction(RequestEnvelope envelope, Slice start, string prefix)
    {
        if (!envelope.SystemContent.Exists)
        {
            return Insert(start, $"\"systemInstruction\":{{\"parts\":[{{\"text\":{Json(prefix)}}}]}},");
        }
        ReadOnlySpan<byte> content = envelope.SystemContent.Of(envelope.Body.Span);
        int parts = content.IndexOf("\"parts\""u8);
        int bracket = parts < 0 ? -1 : content[parts..].IndexOf((byte)'[');
        if (bracket < 0)
        {
            return Insert(envelope.SystemContent, $"{{\"parts\":[{{\"text\":{Json(prefix)}}}]}}");
        }
        int at = parts + bracket + 1;
        bool empty = content[at..].TrimStart(" \t\r\n"u8) is [(byte)']', ..];
        return Insert(new Slice(envelope.SystemContent.Start + at, 0), $"{{\"text\":{Json(prefix)}}}{(empty ? "" : ",")}");
    }

    // In front of a text, or as a part of its own in a list; null when there is neither.
    private static Edit? Before(RequestEnvelope envelope, string prefix)
    {
        Slice content = envelope.SystemContent;
        switch (content.Exists ? envelope.Body.Span[content.Start] : (byte)0)
        {
            case (byte)'"':
                byte[] text = JsonText.Encode(prefix + "\n\n");
                return new Edit(new Slice(content.Start + 1, 0), text.AsMemory(1, text.Length - 2));
            case (byte)'[':
                bool empty = content.Of(envelope.Body.Span)[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;
                return Insert(new Slice(content.Start + 1, 0), $"{{\"type\":\"text\",\"text\":{Json(prefix)}}}{(empty ? "" : ",")}");
            default:
                return null;
        }
    }

    private static Edit Insert(Slice at, string json) => new(at, Encoding.UTF8.GetBytes(json));

    private static string Json(string text) => Encoding.UTF8.GetString(JsonText.Encode(text));
}
