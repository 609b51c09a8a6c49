namespace Gateway.Core.Generation.Parts;

/// <summary>What a function gave back.</summary>
/// <param name="Content">Text and media.</param>
public sealed record ToolResultPart(string CallId, IReadOnlyList<Part> Content) : Part
{
    /// <summary>The function's name; filled in from the call where the wire leaves it out and the call is in the conversation.</summary>
    public string? Name { get; init; }

    /// <summary>The function failed, and the content says how.</summary>
    public bool IsError { get; init; }

    /// <summary>All text of the content.</summary>
    public string Text => string.Concat(Content.OfType<TextPart>().Select(p => p.Text));
}
