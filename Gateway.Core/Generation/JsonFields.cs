using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Core.Generation;

/// <summary>Reads fields of JSON objects; a field that is null counts as absent everywhere.</summary>
public static class JsonFields
{
    /// <summary>False when <paramref name="json"/> is no object, or has no such field, or it is null.</summary>
    public static bool Has(this JsonElement json, string name, out JsonElement value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>Null when it is not there or no string.</summary>
    public static string? Text(this JsonElement json, string name) =>
        json.Has(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Null when it is not there or no number; a number with a fraction is cut.</summary>
    public static long? Whole(this JsonElement json, string name) =>
        !json.Has(name, out JsonElement value) || value.ValueKind != JsonValueKind.Number ? null
        : value.TryGetInt64(out long whole) ? whole
        : value.TryGetDouble(out double number) && double.IsFinite(number) && Math.Abs(number) < 9e15 ? (long)number
        : null;

    /// <summary>As <see cref="Whole"/>, within what an <see cref="int"/> holds.</summary>
    public static int? Whole32(this JsonElement json, string name) => json.Whole(name) is { } value ? (int)Math.Clamp(value, int.MinValue, int.MaxValue) : null;

    /// <summary>Null when it is not there or no number.</summary>
    public static double? Number(this JsonElement json, string name) =>
        json.Has(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    /// <summary>Null when it is not there or neither true nor false.</summary>
    public static bool? Flag(this JsonElement json, string name) =>
        json.Has(name, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    /// <summary>The items of an array; none when it is not there or no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Has(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    /// <summary>
    /// Parses one value into memory of its own, which lives as long as anything refers to it. All text in it can be read: broken
    /// UTF-8 is refused here rather than wherever it is first touched, half a surrogate pair is replaced.
    /// </summary>
    /// <exception cref="JsonException">It is not one JSON value, or not UTF-8.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("The text is not valid UTF-8.");
        }
        json = LoneSurrogates.Replace(json) ?? json;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
        JsonElement element = JsonElement.ParseValue(ref reader);
        return reader.Read() ? throw new JsonException("More than one JSON value.") : element;
    }

    /// <summary>As <see cref="Parse(ReadOnlySpan{byte})"/>; undefined when the text is not one JSON value.</summary>
    public static JsonElement TryParse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return default;
        }
        try
        {
            return Parse(System.Text.Encoding.UTF8.GetBytes(json));
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
