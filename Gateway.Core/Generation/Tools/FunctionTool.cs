using System.Text.Json;

namespace Gateway.Core.Generation.Tools;

/// <summary>A function of the caller's.</summary>
public sealed record FunctionTool(string Name) : ToolDefinition
{
    public string? Description { get; init; }

    /// <summary>JSON schema of the arguments; undefined for a function without any.</summary>
    public JsonElement Parameters { get; init; }
    public bool? Strict { get; init; }

    /// <summary>The definition as it came, verbatim, for a writer of the same wire. Null when it was made in code or has been changed.</summary>
    public RawJson? Raw { get; init; }

    /// <summary>The group that it came in, verbatim, for a writer of the same wire; its other tools stand beside it. Null for a tool that came by itself.</summary>
    public RawJson? Group { get; init; }
}
