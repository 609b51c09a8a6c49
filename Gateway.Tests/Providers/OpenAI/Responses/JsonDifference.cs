using System.Text.Json;

namespace Gateway.Tests.Providers.OpenAI.Responses;

/// <summary>Where two JSON values mean something else; a field that is null counts as absent.</summary>
internal static class JsonDifference
{
    /// <returns>The path of the first difference; null if there is none.</returns>
    public static string? Find(JsonElement expected, JsonElement actual, string path = "$")
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            foreach (string name in Names(expected).Union(Names(actual)))
            {
                if (!expected.TryGetProperty(name, out JsonElement left) | !actual.TryGetProperty(name, out JsonElement right))
                {
                    return $"{path}.{name} is only in the {(left.ValueKind == JsonValueKind.Undefined ? "second" : "first")}";
                }
                if (Find(left, right, $"{path}.{name}") is { } found)
                {
                    return found;
                }
            }
            return null;
        }
        if (expected.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array)
        {
            if (expected.GetArrayLength() != actual.GetArrayLength())
            {
                return $"{path} has {expected.GetArrayLength()} and {actual.GetArrayLength()} items";
            }
            return expected.EnumerateArray().Zip(actual.EnumerateArray()).Select((pair, i) => Find(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(d => d is not null);
        }
        return JsonElement.DeepEquals(expected, actual) ? null : $"{path}: {Cut(expected)} and {Cut(actual)}";
    }

    private static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).Select(p => p.Name);

    private static string Cut(JsonElement json) => json.GetRawText() is { Length: > 80 } text ? text[..80] : json.GetRawText();
}
