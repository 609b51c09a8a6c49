namespace Gateway.Core.Generation.Parts;

/// <summary>Text.</summary>
public sealed record TextPart(string Text) : Part
{
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>What Gemini attaches to a part and wants back with it (<c>thoughtSignature</c>), base64; null for none.</summary>
    public string? Signature { get; init; }
}
