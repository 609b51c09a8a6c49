using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>.</summary>
internal static class AnthropicToolReader
{
    // Of a function; what else it has is the raw form's, and is named for other wires.
    private static readonly HashSet<string> Known = ["type", "name", "description", "input_schema", "strict", "cache_control"];

    public static List<ToolDefinition> Read(JsonElement json, List<VendorExtension> extensions)
    {
        List<ToolDefinition> tools = [];
        foreach (JsonElement tool in json.Items("tools"))
        {
            if (tool.ValueKind != JsonValueKind.Object)
            {
                throw new GenerationFormatException($"tools[{tools.Count}] must be an object.", $"tools[{tools.Count}]");
            }
            CacheHint? cache = tool.Has("cache_control", out JsonElement hint) ? new CacheHint(hint.Text("ttl")) : null;
            tools.Add(tool.Text("type") is null or "custom"
                ? ReadFunction(tool, extensions) with { Cache = cache }
                : new BuiltInTool(Wire.AnthropicMessages, tool.Text("type")!, tool) { Purpose = PurposeOf(tool.Text("type")!), Cache = cache });
        }
        return tools;
    }

    private static FunctionTool ReadFunction(JsonElement tool, List<VendorExtension> extensions)
    {
        foreach (JsonProperty field in tool.EnumerateObject().Where(f => !Known.Contains(f.Name) && f.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)))
        {
            // Only allowed_callers decides about more than when and how a definition is shown to the model.
            AnthropicBlockMarks.Mark(field.Name, field.Name != "allowed_callers", extensions);
        }
        return new FunctionTool(tool.Text("name") ?? "")
        {
            Description = tool.Text("description"),
            Parameters = tool.Has("input_schema", out JsonElement schema) ? schema : default,
            Strict = tool.Flag("strict"),
            Raw = new RawJson(Wire.AnthropicMessages, tool),
        };
    }

    private static BuiltInPurpose PurposeOf(string type) =>
        type.StartsWith("web_search_", StringComparison.Ordinal) ? BuiltInPurpose.WebSearch
        : type.StartsWith("code_execution_", StringComparison.Ordinal) ? BuiltInPurpose.CodeExecution
        : type.StartsWith("web_fetch_", StringComparison.Ordinal) ? BuiltInPurpose.UrlContext
        : BuiltInPurpose.Other;

    public static ToolChoice? ReadChoice(JsonElement json, out bool? parallel)
    {
        parallel = null;
        if (!json.Has("tool_choice", out JsonElement choice))
        {
            return null;
        }
        parallel = choice.Flag("disable_parallel_tool_use") is { } disabled ? !disabled : null;
        return choice.Text("type") switch
        {
            "auto" => new ToolChoice(ToolChoiceMode.Auto),
            "any" => new ToolChoice(ToolChoiceMode.Required),
            "none" => new ToolChoice(ToolChoiceMode.None),
            "tool" when choice.Text("name") is { } name => new ToolChoice(ToolChoiceMode.Named, name),
            _ => throw new GenerationFormatException("tool_choice.type must be auto, any, none, or tool with a name.", "tool_choice"),
        };
    }
}
