namespace Gateway.Core.Capabilities.Embeddings;

/// <summary>Texts to turn into vectors.</summary>
public sealed record EmbeddingRequest
{
    /// <summary>Of the upstream when it is written; of the client when it was read.</summary>
    public string Model { get; init; } = "";

    /// <summary>At least one.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>Length of the vectors; null is the model's own.</summary>
    public int? Dimensions { get; init; }

    /// <summary>What the vectors are for; null if nothing was said.</summary>
    public EmbeddingPurpose? Purpose { get; init; }

    /// <summary>The end user the client calls for, for the vendor's abuse reports; null if nothing was said. Only OpenAI's shape has a place for it.</summary>
    public string? User { get; init; }

    /// <summary>The client wants each vector as base64 of little-endian 32-bit floats, as OpenAI's SDKs do.</summary>
    public bool AsBase64 { get; init; }

    /// <summary>Fields that only the shape it was read from has, by name.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}
