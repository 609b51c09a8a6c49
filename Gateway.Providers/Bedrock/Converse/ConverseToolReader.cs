using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Reads <c>toolConfig</c>.</summary>
internal static class ConverseToolReader
{
    public static List<ToolDefinition> Read(JsonElement json)
    {
        List<ToolDefinition> tools = [];
        foreach (JsonElement tool in json.Has("toolConfig", out JsonElement config) ? config.Items("tools") : [])
        {
            if (tool.Has("cachePoint", out JsonElement point) && tools.Count > 0)
            {
                tools[^1] = tools[^1] with { Cache = new CacheHint(point.Text("ttl")) };
            }
            else if (tool.Has("toolSpec", out JsonElement spec))
            {
                tools.Add(new FunctionTool(spec.Text("name") ?? "")
                {
                    Description = spec.Text("description"),
                    Parameters = spec.Has("inputSchema", out JsonElement schema) && schema.Has("json", out JsonElement value) ? value : default,
                    Strict = spec.Flag("strict"),
                });
            }
            else
            {
                string type = tool.Has("systemTool", out JsonElement system) ? system.Text("name") ?? "systemTool" : "unknown";
                tools.Add(new BuiltInTool(Wire.BedrockConverse, type, tool)
                {
                    Purpose = type switch
                    {
                        "nova_code_interpreter" => BuiltInPurpose.CodeExecution,
                        "nova_grounding" => BuiltInPurpose.WebSearch,
                        _ => BuiltInPurpose.Other,
                    },
                });
            }
        }
        return tools;
    }

    public static ToolChoice? ReadChoice(JsonElement json) =>
        !json.Has("toolConfig", out JsonElement config) || !config.Has("toolChoice", out JsonElement choice) ? null
        : choice.Has("tool", out JsonElement named) ? new ToolChoice(ToolChoiceMode.Named, named.Text("name"))
        : new ToolChoice(choice.Has("any", out _) ? ToolChoiceMode.Required : ToolChoiceMode.Auto);
}
