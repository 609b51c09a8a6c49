using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes <c>tools</c> and <c>tool_choice</c>.</summary>
/// <param name="strict">The model takes strict tools.</param>
internal sealed class AnthropicToolWriter(Utf8JsonWriter writer, ConversionNotes notes, bool strict)
{
    public void Write(GenerationRequest request)
    {
        List<ToolDefinition> tools = [.. request.Tools.Where(CanWrite)];
        if (request.ToolChoice is { Allowed.Count: > 0 } choice)
        {
            notes.Bridge("tool_choice:allowed", "Only the tools that may be called were sent.");
            tools.RemoveAll(t => t is FunctionTool function && !choice.Allowed.Contains(function.Name));
        }
        if (tools.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("tools");
        foreach (ToolDefinition tool in tools)
        {
            WriteTool(tool);
        }
        writer.WriteEndArray();
        WriteChoice(request.ToolChoice, request.ParallelToolCalls);
    }

    private bool CanWrite(ToolDefinition tool)
    {
        if (tool is not BuiltInTool builtIn || builtIn.Wire == Wire.AnthropicMessages)
        {
            return true;
        }
        if (TypeOf(builtIn.Purpose) is null)
        {
            notes.Lose("tool:" + builtIn.Type, "Anthropic has no such built-in tool.");
            return false;
        }
        notes.Bridge("tool:" + builtIn.Type, "Anthropic's own tool of that kind was taken, without the settings of the other.");
        return true;
    }

    private static string? TypeOf(BuiltInPurpose purpose) => purpose switch
    {
        BuiltInPurpose.WebSearch => "web_search",
        BuiltInPurpose.CodeExecution => "code_execution",
        BuiltInPurpose.UrlContext => "web_fetch",
        _ => null,
    };

    // The first version of each, which every model takes that has the tool at all.
    private static string VersionOf(string type) => type switch
    {
        "web_search" => "web_search_20250305",
        "code_execution" => "code_execution_20250825",
        _ => "web_fetch_20250910",
    };

    private void WriteTool(ToolDefinition tool)
    {
        switch (tool)
        {
            case FunctionTool { Raw: { Wire: Wire.AnthropicMessages } raw }:
                raw.Json.WriteTo(writer);
                break;
            case FunctionTool function:
                WriteFunction(function);
                break;
            case BuiltInTool { Wire: Wire.AnthropicMessages } own:
                own.Json.WriteTo(writer);
                break;
            case BuiltInTool other:
                string type = TypeOf(other.Purpose)!;
                writer.WriteStartObject();
                writer.WriteString("type", VersionOf(type));
                writer.WriteString("name", type);
                WriteCache(writer, other.Cache);
                writer.WriteEndObject();
                break;
        }
    }

    private void WriteFunction(FunctionTool function)
    {
        writer.WriteStartObject();
        writer.WriteString("name", function.Name);
        if (!string.IsNullOrEmpty(function.Description))
        {
            writer.WriteString("description", function.Description);
        }
        writer.WritePropertyName("input_schema");
        WriteSchema(function);
        if (function.Strict == true && strict)
        {
            writer.WriteBoolean("strict", true);
        }
        else if (function.Strict == true)
        {
            notes.Bridge("strict", "The model is not held to a tool's schema, only told it.");
        }
        WriteCache(writer, function.Cache);
        writer.WriteEndObject();
    }

    private void WriteSchema(FunctionTool function)
    {
        JsonElement schema = function.Parameters;
        if (schema.ValueKind != JsonValueKind.Object || !schema.EnumerateObject().Any())
        {
            writer.WriteStartObject();
            writer.WriteString("type", "object");
            writer.WriteStartObject("properties");
            writer.WriteEndObject();
            if (function.Strict == true && strict)
            {
                writer.WriteBoolean("additionalProperties", false);
            }
            writer.WriteEndObject();
        }
        else if (function.Strict == true && strict)
        {
            var closed = new AnthropicSchema(writer);
            closed.Write(schema);
            if (closed.Changed)
            {
                notes.Bridge("json_schema", "Rules that Anthropic does not enforce were moved into descriptions.");
            }
        }
        else if (schema.Has("type", out _))
        {
            schema.WriteTo(writer);
        }
        else
        {
            // "input_schema.type: Field required"
            writer.WriteStartObject();
            writer.WriteString("type", "object");
            foreach (JsonProperty property in schema.EnumerateObject().Where(p => p.Name != "type"))
            {
                property.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
    }

    private void WriteChoice(ToolChoice? choice, bool? parallel)
    {
        if (choice is null && parallel is null)
        {
            return;
        }
        writer.WriteStartObject("tool_choice");
        writer.WriteString("type", choice?.Mode switch
        {
            ToolChoiceMode.None => "none",
            ToolChoiceMode.Required => "any",
            ToolChoiceMode.Named => "tool",
            _ => "auto",
        });
        if (choice?.Mode == ToolChoiceMode.Named)
        {
            writer.WriteString("name", choice.Name);
        }
        if (parallel is { } several && choice?.Mode != ToolChoiceMode.None)
        {
            writer.WriteBoolean("disable_parallel_tool_use", !several);
        }
        writer.WriteEndObject();
    }

    public static void WriteCache(Utf8JsonWriter writer, CacheHint? cache)
    {
        if (cache is null)
        {
            return;
        }
        writer.WriteStartObject("cache_control");
        writer.WriteString("type", "ephemeral");
        if (cache.TimeToLive is not null)
        {
            writer.WriteString("ttl", cache.TimeToLive);
        }
        writer.WriteEndObject();
    }
}
