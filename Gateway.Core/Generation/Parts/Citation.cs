namespace Gateway.Core.Generation.Parts;

/// <summary>Where a text's claim comes from.</summary>
public sealed record Citation
{
    public string? Url { get; init; }
    public string? Title { get; init; }
    public string? CitedText { get; init; }

    /// <summary>First character of the claim in the part's text; null if unknown.</summary>
    public int? Start { get; init; }

    /// <summary>One past the last character.</summary>
    public int? End { get; init; }

    /// <summary>As the wire has it, for the way back.</summary>
    public RawJson? Raw { get; init; }
}
