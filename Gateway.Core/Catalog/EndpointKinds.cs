namespace Gateway.Core.Catalog;

/// <summary>What a key may be used for, in whichever wire its holder speaks.</summary>
[Flags]
public enum EndpointKinds
{
    /// <summary>Of a key: whatever there is.</summary>
    None = 0,

    /// <summary>Text from messages or a prompt, and counting its tokens: OpenAI's Chat, Responses and Completions, Anthropic's Messages, Gemini's, Bedrock's and Cohere's.</summary>
    Chat = 1,
    Embeddings = 2,
    Rerank = 4,
    Moderations = 8,
    Images = 16,

    /// <summary>Speech, transcription and translation.</summary>
    Audio = 32,

    /// <summary>What is forwarded as it stands: files, batches, realtime and the rest of a provider's API.</summary>
    PassThrough = 64,
}

/// <summary>The names of <see cref="EndpointKinds"/>, and what belongs to which.</summary>
public static class EndpointKindNames
{
    // By bit.
    private static readonly string[] Names = ["chat", "embeddings", "rerank", "moderations", "images", "audio", "pass_through"];

    /// <summary>In the order in which they are offered.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>Reads one name.</summary>
    public static bool TryParse(string name, out EndpointKinds kind)
    {
        int bit = Array.IndexOf(Names, name);
        kind = bit < 0 ? EndpointKinds.None : (EndpointKinds)(1 << bit);
        return bit >= 0;
    }

    /// <summary>The one that an operation belongs to.</summary>
    public static EndpointKinds EndpointKind(this Operation operation) => operation switch
    {
        _ when operation.Embeds() => EndpointKinds.Embeddings,
        Operation.Rerank or Operation.CohereRerank => EndpointKinds.Rerank,
        Operation.Moderations => EndpointKinds.Moderations,
        Operation.ImageGenerations or Operation.ImageEdits => EndpointKinds.Images,
        Operation.Transcriptions or Operation.Translations or Operation.Speech => EndpointKinds.Audio,
        Operation.PassThrough => EndpointKinds.PassThrough,
        _ => EndpointKinds.Chat,
    };

    /// <summary>Its names, as in a list of allowed endpoints; none for <see cref="EndpointKinds.None"/>.</summary>
    public static IReadOnlyList<string> ToNames(this EndpointKinds kinds) => [.. Names.Where((_, bit) => ((int)kinds & (1 << bit)) != 0)];
}
