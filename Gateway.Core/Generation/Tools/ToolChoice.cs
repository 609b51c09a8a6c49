namespace Gateway.Core.Generation.Tools;

/// <summary>Whether, and which, tools must be called.</summary>
/// <param name="Name">Only for <see cref="ToolChoiceMode.Named"/>.</param>
public sealed record ToolChoice(ToolChoiceMode Mode, string? Name = null)
{
    /// <summary>Only these may be called; empty for all.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>With <see cref="ToolChoiceMode.Auto"/>: arguments are held to their schemas while they are written (Gemini's <c>VALIDATED</c>).</summary>
    public bool Validated { get; init; }
}
