using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>
/// The <c>tools</c> field: functions, custom tools (free text in, which other wires take as a function of one text), namespaces of both (whose
/// tools other wires take one by one) and built-in ones.
/// </summary>
internal static class ResponsesTools
{
    /// <summary>The one argument of a custom tool that is called as a function.</summary>
    public const string CustomInput = "input";

    private static readonly JsonElement CustomParameters = JsonFields.Parse(
        """{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}},"required":["input"],"additionalProperties":false}"""u8);

    private static readonly JsonElement NoParameters = JsonFields.Parse("""{"type":"object","properties":{}}"""u8);

    public static List<ToolDefinition> Read(JsonElement json) => [.. json.Items("tools").SelectMany(t => IsGroup(t) ? ReadGroup(t) : [ReadTool(t)])];

    public static void Write(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        bool any = request.Tools.Any(WillWrite);
        if (any)
        {
            writer.WriteStartArray("tools"u8);
        }
        WriteTools(request, writer, notes);
        if (any)
        {
            writer.WriteEndArray();
        }
    }

    /// <summary>As an answer repeats them.</summary>
    public static void WriteEcho(GenerationRequest request, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("tools"u8);
        WriteTools(request, writer, new ConversionNotes());
        writer.WriteEndArray();
    }

    private static void WriteTools(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        string? group = null;
        foreach (ToolDefinition tool in request.Tools)
        {
            string? of = (tool as FunctionTool)?.Group is { Wire: Wire.OpenAIResponses } own ? own.Json.Text("name") : null;
            if (of is null)
            {
                WriteTool(tool, writer, notes);
            }
            else if (of != group)
            {
                ((FunctionTool)tool).Group!.Json.WriteTo(writer);
            }
            group = of;
        }
    }

    // One with tools that are not the caller's, should there ever be any, is passed on to its own wire alone.
    private static bool IsGroup(JsonElement tool) =>
        tool.Text("type") == "namespace" && tool.Text("name") is not null
        && tool.Items("tools").All(t => t.Text("type") is "function" or "custom" && t.Text("name") is not null);

    private static IEnumerable<ToolDefinition> ReadGroup(JsonElement group) => group.Items("tools").Select(t => (FunctionTool)ReadTool(t) with
    {
        Name = ResponsesToolName.Join(group.Text("name"), t.Text("name")!),
        Group = new RawJson(Wire.OpenAIResponses, group),
    });

    private static ToolDefinition ReadTool(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("Each of 'tools' must be an object.", "tools");
        }
        string type = tool.Text("type") ?? "function";
        return type switch
        {
            "function" => new FunctionTool(tool.Text("name") ?? throw new GenerationFormatException("A function tool needs a 'name'.", "tools"))
            {
                Description = tool.Text("description"),
                Parameters = tool.Has("parameters", out JsonElement parameters) ? parameters : default,
                Strict = tool.Flag("strict"),
                Raw = new RawJson(Wire.OpenAIResponses, tool),
            },
            "custom" => new FunctionTool(tool.Text("name") ?? throw new GenerationFormatException("A custom tool needs a 'name'.", "tools"))
            {
                Description = tool.Text("description"),
                Parameters = CustomParameters,
                Raw = new RawJson(Wire.OpenAIResponses, tool),
            },
            _ => new BuiltInTool(Wire.OpenAIResponses, type, tool) { Purpose = PurposeOf(type) },
        };
    }

    private static BuiltInPurpose PurposeOf(string type) =>
        type.StartsWith("web_search", StringComparison.Ordinal) ? BuiltInPurpose.WebSearch
        : type == "code_interpreter" ? BuiltInPurpose.CodeExecution
        : BuiltInPurpose.Other;

    private static bool WillWrite(ToolDefinition tool) =>
        tool is FunctionTool or BuiltInTool { Wire: Wire.OpenAIResponses } or BuiltInTool { Purpose: BuiltInPurpose.WebSearch or BuiltInPurpose.CodeExecution };

    private static void WriteTool(ToolDefinition tool, Utf8JsonWriter writer, ConversionNotes notes)
    {
        switch (tool)
        {
            case FunctionTool { Raw: { Wire: Wire.OpenAIResponses } raw }:
                raw.Json.WriteTo(writer);
                break;
            case FunctionTool function:
                WriteFunction(function, writer, notes);
                break;
            case BuiltInTool { Wire: Wire.OpenAIResponses } own:
                own.Json.WriteTo(writer);
                break;
            case BuiltInTool { Purpose: BuiltInPurpose.WebSearch } search:
                notes.Bridge("tool:" + search.Type, "Responses has a web search of its own.");
                writer.WriteStartObject();
                writer.WriteString("type"u8, "web_search"u8);
                writer.WriteEndObject();
                break;
            case BuiltInTool { Purpose: BuiltInPurpose.CodeExecution } code:
                notes.Bridge("tool:" + code.Type, "Responses runs code in a container of its own.");
                writer.WriteStartObject();
                writer.WriteString("type"u8, "code_interpreter"u8);
                writer.WriteStartObject("container"u8);
                writer.WriteString("type"u8, "auto"u8);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case BuiltInTool other:
                notes.Lose("tool:" + other.Type, "Responses has no such built-in tool.");
                break;
        }
    }

    private static void WriteFunction(FunctionTool function, Utf8JsonWriter writer, ConversionNotes notes)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteString("name"u8, function.Name);
        if (function.Description is not null)
        {
            writer.WriteString("description"u8, function.Description);
        }
        writer.WritePropertyName("parameters"u8);
        (function.Parameters.ValueKind == JsonValueKind.Object ? function.Parameters : NoParameters).WriteTo(writer);
        // Strict is the default here and nowhere else: a schema that was not made for it would be refused.
        writer.WriteBoolean("strict"u8, function.Strict ?? false);
        writer.WriteEndObject();
        if (function.Cache is not null)
        {
            notes.Bridge("cache", "Responses caches tools by itself.");
        }
    }
}
