using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Relay;

namespace Gateway.Core.Forwarding;

/// <summary>Reads the description of a resource for its ids, and any answer for what it used.</summary>
public static class ResourceAnswer
{
    /// <summary>False when it is not one JSON object.</summary>
    /// <param name="byName">Resources have no id but a <c>name</c> that ends with it (<c>files/abc</c>), as Gemini's have.</param>
    /// <param name="ids">Its <c>id</c> and those of what came of it, such as a batch's <c>output_file_id</c>.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, bool byName, out IReadOnlyList<string> ids, out Usage? usage)
    {
        var found = new List<string>();
        ids = found;
        usage = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool id = reader.ValueSpan.SequenceEqual("id"u8) || reader.ValueSpan.EndsWith("_id"u8);
                bool used = reader.ValueTextEquals("usage"u8);
                bool name = byName && reader.ValueTextEquals("name"u8);
                bool inner = byName && reader.ValueTextEquals("file"u8);
                reader.Read();
                if (inner && reader.TokenType == JsonTokenType.StartObject)
                {
                    // All that an upload is answered with; its members are read as if they stood here.
                    continue;
                }
                if (name && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= 200)
                {
                    found.Add(reader.GetString()!.Split('/')[^1]);
                }
                if (id && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length is > 0 and <= 200)
                {
                    found.Add(reader.GetString()!);
                }
                if (used && reader.TokenType == JsonTokenType.StartObject)
                {
                    Usage read = default;
                    usage = UsageReader.TryRead(ref reader, ref read) ? read : null;
                }
                reader.Skip();
            }
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>All texts in a request that look like ids of resources (<c>file-…</c>, <c>batch_…</c>, …); none when it is not JSON.</summary>
    public static IReadOnlyList<string> IdsIn(ReadOnlySpan<byte> json)
    {
        var found = new List<string>();
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length is > 5 and <= 200 && reader.ValueSpan.IndexOfAny("-_"u8) > 0)
                {
                    found.Add(reader.GetString()!);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The upstream will say what is wrong with it.
        }
        return found;
    }
}
