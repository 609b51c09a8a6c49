namespace Gateway.Core.Generation.Parts;

/// <summary>An image, a sound, a video or a document.</summary>
public sealed record MediaPart(MediaKind Kind, MediaSource Source) : Part
{
    /// <summary>The file's name or title; null if unknown.</summary>
    public string? Name { get; init; }

    /// <summary>OpenAI's <c>low</c>, <c>high</c>, <c>auto</c> or <c>original</c> for images; null for none.</summary>
    public string? Detail { get; init; }

    /// <summary>The words of a sound the model made; null for none.</summary>
    public string? Transcript { get; init; }

    /// <summary>What Gemini attaches to a part and wants back with it; null for none.</summary>
    public string? Signature { get; init; }
}
