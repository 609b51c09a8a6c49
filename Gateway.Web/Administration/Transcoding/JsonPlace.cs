using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Web.Administration.Transcoding;

/// <summary>Lines and columns of a text, both from 1, for people who look for a mistake in it.</summary>
internal static class JsonPlace
{
    /// <summary>As in <c>line 3, column 14</c>, of a place in UTF-8 text.</summary>
    public static string At(ReadOnlySpan<byte> text, long offset)
    {
        ReadOnlySpan<byte> before = text[..(int)Math.Min(offset, text.Length)];
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column}");
    }

    /// <summary>Where the reader stumbled.</summary>
    public static string Of(JsonException e) =>
        string.Create(CultureInfo.InvariantCulture, $"line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}");

    /// <summary>Where the value of a path such as <c>messages[2].content</c> begins; of its nearest parent if it is not there. Null if nothing of it is.</summary>
    public static string? Find(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        string[] steps = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
        if (!reader.Read())
        {
            return null;
        }
        long? found = null;
        foreach (string step in steps)
        {
            if (!Enter(ref reader, step))
            {
                break;
            }
            found = reader.TokenStartIndex;
        }
        return found is { } offset ? At(json, offset) : null;
    }

    // From an object's or array's first token to that of the member named.
    private static bool Enter(ref Utf8JsonReader reader, string step)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool here = reader.ValueTextEquals(step);
                reader.Read();
                if (here)
                {
                    return true;
                }
                reader.Skip();
            }
            return false;
        }
        if (reader.TokenType == JsonTokenType.StartArray && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (index-- == 0)
                {
                    return true;
                }
                reader.Skip();
            }
        }
        return false;
    }
}
