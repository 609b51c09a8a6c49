using System.Text.Json;

namespace Gateway.Core.Catalog.Kinds;

/// <summary>What a credential's secret may look like.</summary>
public static class KindSecrets
{
    /// <summary>What is wrong with a secret; null if nothing is. Never repeats any of it.</summary>
    public static string? Problem(ProviderDefinition provider, string secret)
    {
        if (provider.Kind == ProviderKind.Vertex && secret.TrimStart().StartsWith('{'))
        {
            return IsJsonObject(secret) ? null : "The secret begins like a Google credentials file but is not one JSON object.";
        }
        // A line break would end the header that carries the secret.
        return secret.Length == 0 || secret.Any(c => c is < ' ' or > '~') ? "A secret is printable ASCII and not empty." : null;
    }

    private static bool IsJsonObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
