using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Writes <c>toolConfig</c>, which must be there whenever the conversation holds calls.</summary>
internal sealed class ConverseToolWriter(Utf8JsonWriter writer, ConversionNotes notes, GenerationRequest request)
{
    /// <summary>A tool must be called, which Claude does not do while it thinks.</summary>
    public static bool Forces(ToolChoice? choice) => choice?.Mode is ToolChoiceMode.Required or ToolChoiceMode.Named;

    public void Write()
    {
        List<ToolDefinition> tools = Writable();
        if (request.ParallelToolCalls == false && tools.Count > 0)
        {
            notes.Lose("parallel_tool_calls", "Converse cannot ask for one call at a time.");
        }
        if (tools.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("toolConfig");
        writer.WriteStartArray("tools");
        foreach (ToolDefinition tool in tools)
        {
            WriteTool(tool);
        }
        writer.WriteEndArray();
        WriteChoice();
        writer.WriteEndObject();
    }

    private List<ToolDefinition> Writable()
    {
        foreach (BuiltInTool foreign in request.Tools.OfType<BuiltInTool>().Where(t => t.Wire != Wire.BedrockConverse))
        {
            notes.Lose("tool:" + foreign.Type, "Bedrock has no such built-in tool.");
        }
        List<ToolDefinition> tools = [.. request.Tools.Where(t => t is FunctionTool or BuiltInTool { Wire: Wire.BedrockConverse })];
        List<string> used = [.. request.Messages.SelectMany(m => m.Parts).OfType<ToolCallPart>().Select(c => c.Name).Distinct()];
        if (request.ToolChoice is { Mode: ToolChoiceMode.None })
        {
            if (used.Count == 0)
            {
                if (tools.Count > 0)
                {
                    notes.Bridge("tool_choice.none", "Converse has no choice of none; the tools were left out instead.");
                }
                return [];
            }
            notes.Lose("tool_choice", "Converse cannot forbid tools in a conversation that has used some.");
        }
        if (request.ToolChoice is { Allowed.Count: > 0 } limited)
        {
            notes.Bridge("tool_choice.allowed", "Only the allowed tools were sent.");
            tools = [.. tools.Where(t => t is not FunctionTool f || limited.Allowed.Contains(f.Name) || used.Contains(f.Name))];
        }
        if (tools.Count == 0 && used.Count > 0)
        {
            notes.Bridge("tools.declared", "Converse wants the tools of past calls declared; they were, without parameters.");
            tools.AddRange(used.Select(name => new FunctionTool(name)));
        }
        return tools;
    }

    private void WriteTool(ToolDefinition tool)
    {
        if (tool is BuiltInTool own)
        {
            own.Json.WriteTo(writer);
        }
        else
        {
            WriteFunction((FunctionTool)tool);
        }
        if (tool.Cache is { } cache)
        {
            new ConverseBlockWriter(writer, notes, request: true).WriteCachePoint(cache);
        }
    }

    private void WriteFunction(FunctionTool function)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolSpec");
        writer.WriteString("name", ConverseIds.FitName(function.Name));
        // An empty one is refused.
        if (!string.IsNullOrWhiteSpace(function.Description))
        {
            writer.WriteString("description", function.Description);
        }
        writer.WriteStartObject("inputSchema");
        writer.WritePropertyName("json");
        if (function.Parameters.ValueKind == JsonValueKind.Object)
        {
            function.Parameters.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue("""{"type":"object","properties":{}}""");
        }
        writer.WriteEndObject();
        // Older models refuse the field; only what was read from this wire is sure to be taken.
        if (function.Strict is { } strict)
        {
            if (request.Origin == Wire.BedrockConverse)
            {
                writer.WriteBoolean("strict", strict);
            }
            else if (strict)
            {
                notes.Bridge("tool.strict", "Few models of Bedrock take strict tools; the schema was sent without.");
            }
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteChoice()
    {
        if (request.ToolChoice is not { Mode: not ToolChoiceMode.None } choice)
        {
            return;
        }
        writer.WriteStartObject("toolChoice");
        writer.WriteStartObject(choice.Mode switch { ToolChoiceMode.Required => "any", ToolChoiceMode.Named => "tool", _ => "auto" });
        if (choice.Mode == ToolChoiceMode.Named)
        {
            writer.WriteString("name", ConverseIds.FitName(choice.Name ?? ""));
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
