using System.Text.Json;

namespace Gateway.Providers.Http;

/// <summary>
/// Reads the models' ids out of an upstream's answer to <c>ListModelsAsync</c>, whichever shape it has: OpenAI's and Anthropic's
/// <c>data[].id</c>, Gemini's and Cohere's <c>models[].name</c>, Vertex AI's <c>publisherModels[].name</c>, Bedrock's
/// <c>modelSummaries[].modelId</c>, or Together's bare list.
/// </summary>
public static class ModelList
{
    private const int Most = 500;

    private static readonly string[] Lists = ["data", "models", "publisherModels", "modelSummaries"];
    private static readonly string[] Ids = ["id", "modelId", "name"];

    /// <summary>In alphabetical order, at most 500; null when the body is no such list.</summary>
    public static IReadOnlyList<string>? Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Find(document.RootElement) is { } list
                ? [.. list.EnumerateArray().Take(Most).Select(Id).OfType<string>().Order(StringComparer.Ordinal)]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Find(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            return root;
        }
        foreach (string name in root.ValueKind == JsonValueKind.Object ? Lists : [])
        {
            if (root.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array)
            {
                return list;
            }
        }
        return null;
    }

    private static string? Id(JsonElement model)
    {
        foreach (string name in model.ValueKind == JsonValueKind.Object ? Ids : [])
        {
            if (model.TryGetProperty(name, out JsonElement id) && id.ValueKind == JsonValueKind.String)
            {
                return Plain(id.GetString()!);
            }
        }
        return null;
    }

    // What is entered as a backend's upstream model.
    private static string Plain(string id) =>
        id.StartsWith("models/", StringComparison.Ordinal) ? id["models/".Length..]
        : id.StartsWith("publishers/google/models/", StringComparison.Ordinal) ? id["publishers/google/models/".Length..]
        : id;
}
