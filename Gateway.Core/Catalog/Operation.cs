namespace Gateway.Core.Catalog;

/// <summary>What a client asks of a model. Decides the upstream path and how usage is read.</summary>
public enum Operation
{
    ChatCompletions,
    Completions,
    Embeddings,
}

public static class Operations
{
    private static readonly string[] Names = ["chat.completions", "completions", "embeddings"];
    private static readonly string[] Paths = ["chat/completions", "completions", "embeddings"];

    public static string ToName(this Operation operation) => Names[(int)operation];

    /// <summary>The path below an OpenAI-shaped base URL, without a leading slash.</summary>
    public static string ToPath(this Operation operation) => Paths[(int)operation];
}
