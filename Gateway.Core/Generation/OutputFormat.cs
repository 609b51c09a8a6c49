using System.Text.Json;

namespace Gateway.Core.Generation;

/// <summary>The shape that the answer's text is to have.</summary>
public sealed record OutputFormat(OutputFormatKind Kind)
{
    /// <summary>Only for <see cref="OutputFormatKind.JsonSchema"/>; undefined otherwise.</summary>
    public JsonElement Schema { get; init; }

    /// <summary>The schema's name, where the wire wants one.</summary>
    public string? Name { get; init; }
    public string? Description { get; init; }
    public bool? Strict { get; init; }
}
