namespace Gateway.Core.Capabilities.Images;

/// <summary>Pictures to make, or to change.</summary>
public sealed record ImageRequest
{
    public required string Prompt { get; init; }

    /// <summary>The pictures to change or to draw from; empty makes new ones.</summary>
    public IReadOnlyList<CapabilityFile> Images { get; init; } = [];

    /// <summary>How many pictures are wanted; at least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>In pixels; null leaves it to the model.</summary>
    public (int Width, int Height)? Size { get; init; }

    /// <summary>The client wants addresses instead of the pictures themselves.</summary>
    public bool AsUrl { get; init; }
    public bool Stream { get; init; }

    /// <summary>Fields that only the shape it was read from has, by name.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}
