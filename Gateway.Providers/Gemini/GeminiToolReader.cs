using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Gemini;

/// <summary>Reads <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GeminiToolReader
{
    private static readonly HashSet<string> Functions = ["functionDeclarations"];

    public static List<ToolDefinition> Read(JsonElement json, ConversionNotes notes)
    {
        List<ToolDefinition> tools = [];
        foreach (JsonElement tool in json.GetItems("tools"))
        {
            tools.AddRange(tool.GetItems("functionDeclarations").Select(f => ReadFunction(f, notes)));
            tools.AddRange(tool.Others(Functions).Select(o => ReadBuiltIn(o.Name, o.Value)));
        }
        return tools;
    }

    private static FunctionTool ReadFunction(JsonElement function, ConversionNotes notes)
    {
        if (function.Get("response", out _) || function.Get("responseJsonSchema", out _) || function.Get("behavior", out _))
        {
            notes.Bridge("tool:response", "What a function gives back, or whether it blocks, only Gemini is told.");
        }
        return new FunctionTool(function.GetText("name") ?? throw new GenerationFormatException("A function declaration needs a 'name'.", "tools"))
        {
            Description = function.GetText("description"),
            Parameters = function.Get("parametersJsonSchema", out JsonElement schema) ? schema
                : function.Get("parameters", out schema) ? GeminiSchema.ToJsonSchema(schema)
                : default,
            Raw = new RawJson(Wire.Gemini, function),
        };
    }

    private static BuiltInTool ReadBuiltIn(string name, JsonElement value)
    {
        var purpose = name switch
        {
            "googleSearch" or "googleSearchRetrieval" or "enterpriseWebSearch" => BuiltInPurpose.WebSearch,
            "codeExecution" => BuiltInPurpose.CodeExecution,
            "urlContext" => BuiltInPurpose.UrlContext,
            _ => BuiltInPurpose.Other,
        };
        return new BuiltInTool(Wire.Gemini, JsonNamingPolicy.SnakeCaseLower.ConvertName(name), GeminiJson.Wrapped(name, value)) { Purpose = purpose };
    }

    public static ToolChoice? ReadChoice(JsonElement toolConfig)
    {
        if (!toolConfig.Get("functionCallingConfig", out JsonElement config))
        {
            return null;
        }
        IReadOnlyList<string> allowed = config.GetTexts("allowedFunctionNames");
        return config.GetText("mode")?.ToUpperInvariant() switch
        {
            "NONE" => new ToolChoice(ToolChoiceMode.None),
            "ANY" when allowed.Count == 1 => new ToolChoice(ToolChoiceMode.Named, allowed[0]),
            "ANY" => new ToolChoice(ToolChoiceMode.Required) { Allowed = allowed },
            "VALIDATED" => new ToolChoice(ToolChoiceMode.Auto) { Allowed = allowed, Validated = true },
            _ => new ToolChoice(ToolChoiceMode.Auto) { Allowed = allowed },
        };
    }
}
