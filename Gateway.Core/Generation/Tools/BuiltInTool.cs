using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation.Tools;

/// <summary>A tool that the vendor runs.</summary>
/// <param name="Type">The wire's name for it, for example <c>web_search_20250305</c>.</param>
/// <param name="Json">The whole definition as the wire has it.</param>
public sealed record BuiltInTool(Wire Wire, string Type, JsonElement Json) : ToolDefinition
{
    /// <summary>What it does, where other vendors have the like of it.</summary>
    public BuiltInPurpose Purpose { get; init; }
}
