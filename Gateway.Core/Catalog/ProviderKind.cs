namespace Gateway.Core.Catalog;

/// <summary>The wire and the manners of an upstream account.</summary>
public enum ProviderKind
{
    OpenAI,
    AzureOpenAI,
    OpenAICompatible,
    Anthropic,
    Gemini,
    Vertex,
    Bedrock,
    Cohere,

    /// <summary>Answers are made in this process, for demonstrations and tests.</summary>
    Simulated,
}

/// <summary>The names that configuration, the admin API and the database use for <see cref="ProviderKind"/>.</summary>
public static class ProviderKinds
{
    private static readonly string[] Names =
        ["openai", "azure-openai", "openai-compatible", "anthropic", "gemini", "vertex", "bedrock", "cohere", "simulated"];

    public static IReadOnlyList<string> All => Names;

    public static string ToName(this ProviderKind kind) => Names[(int)kind];

    /// <summary>False when <paramref name="name"/> is none of <see cref="All"/>; case does not matter.</summary>
    public static bool TryParse(string? name, out ProviderKind kind)
    {
        int index = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        kind = index < 0 ? default : (ProviderKind)index;
        return index >= 0;
    }
}
