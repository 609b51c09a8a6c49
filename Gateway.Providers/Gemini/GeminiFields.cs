using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Reads fields as Google's servers do: under their camel-case name or their snake-case one, a single object where a list is
/// meant, numbers in quotes. (protobuf.dev, "ProtoJSON Format".)
/// </summary>
internal static class GeminiFields
{
    // Keyed by the names in this folder's code only, so it stays small.
    private static readonly ConcurrentDictionary<string, string> SnakeNames = new();

    /// <param name="name">In camel case.</param>
    public static bool Get(this JsonElement json, string name, out JsonElement value)
    {
        if (json.Has(name, out value))
        {
            return true;
        }
        string snake = SnakeNames.GetOrAdd(name, JsonNamingPolicy.SnakeCaseLower.ConvertName);
        return snake.Length != name.Length && json.Has(snake, out value);
    }

    public static string? GetText(this JsonElement json, string name) =>
        json.Get(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static double? GetNumber(this JsonElement json, string name) => !json.Get(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number
        : value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) ? number
        : null;

    public static long? GetWhole(this JsonElement json, string name) =>
        json.GetNumber(name) is { } number && double.IsFinite(number) && Math.Abs(number) < 9e15 ? (long)number : null;

    public static int? GetWhole32(this JsonElement json, string name) =>
        json.GetWhole(name) is { } value ? (int)Math.Clamp(value, int.MinValue, int.MaxValue) : null;

    public static bool? GetFlag(this JsonElement json, string name) =>
        json.Get(name, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    public static IEnumerable<JsonElement> GetItems(this JsonElement json, string name) => !json.Get(name, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : [value];

    public static IReadOnlyList<string> GetTexts(this JsonElement json, string name) =>
        [.. json.GetItems(name).Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)];

    /// <summary>The name in camel case, whichever way it is written.</summary>
    public static string ToCamel(string name)
    {
        if (!name.AsSpan(1..Math.Max(1, name.Length)).Contains('_'))
        {
            return name;
        }
        string[] words = name.Split('_');
        return string.Concat(words.Select((w, i) => i == 0 || w.Length == 0 ? w : char.ToUpperInvariant(w[0]) + w[1..]));
    }

    /// <summary>The members that are not null and not among <paramref name="known"/>, by their camel-case names.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Others(this JsonElement json, IReadOnlySet<string> known) =>
        json.ValueKind != JsonValueKind.Object ? []
        : json.EnumerateObject()
            .Where(p => p.Name.Length > 0 && p.Value.ValueKind != JsonValueKind.Null)
            .Select(p => (ToCamel(p.Name), p.Value))
            .Where(p => !known.Contains(p.Item1));
}
