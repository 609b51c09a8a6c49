namespace Gateway.Core.Generation.Tools;

/// <summary>Whether, and which, tools must be called.</summary>
/// <param name="Name">Only for <see cref="ToolChoiceMode.Named"/>.</param>
public sealed record ToolChoice(ToolChoiceMode Mode, string? Name = null)
{
    /// <summary>Only these may be called; empty for all.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];
}
