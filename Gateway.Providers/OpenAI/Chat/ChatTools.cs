using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Chat's tools and tool choice, the old <c>functions</c> included.</summary>
internal static class ChatTools
{
    public static List<ToolDefinition> Read(JsonElement json)
    {
        List<ToolDefinition> tools = [];
        foreach (JsonElement tool in json.Items("tools"))
        {
            string type = tool.Text("type") ?? "function";
            bool isFunction = type == "function" && tool.Has("function", out _);
            tools.Add(isFunction ? ReadFunction(tool.GetProperty("function"), tool) : new BuiltInTool(Wire.OpenAIChat, type, tool));
        }
        tools.AddRange(json.Items("functions").Select(f => ReadFunction(f, f)));
        return tools;
    }

    private static FunctionTool ReadFunction(JsonElement function, JsonElement whole) => new(function.Text("name") ?? "")
    {
        Description = function.Text("description"),
        Parameters = function.Has("parameters", out JsonElement parameters) ? parameters : default,
        Strict = function.Flag("strict"),
        Cache = whole.Has("cache_control", out JsonElement cache) ? new CacheHint(cache.Text("ttl")) : null,
    };

    public static ToolChoice? ReadChoice(JsonElement json)
    {
        if (!json.Has("tool_choice", out JsonElement choice) && !json.Has("function_call", out choice))
        {
            return null;
        }
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "none" => new ToolChoice(ToolChoiceMode.None),
                // Mistral's word is any.
                "required" or "any" => new ToolChoice(ToolChoiceMode.Required),
                _ => new ToolChoice(ToolChoiceMode.Auto),
            };
        }
        if (choice.Text("type") == "allowed_tools" && choice.Has("allowed_tools", out JsonElement allowed))
        {
            return new ToolChoice(allowed.Text("mode") == "required" ? ToolChoiceMode.Required : ToolChoiceMode.Auto)
            {
                Allowed = [.. allowed.Items("tools").Select(NameOf).OfType<string>()],
            };
        }
        return NameOf(choice) is { } name ? new ToolChoice(ToolChoiceMode.Named, name) : new ToolChoice(ToolChoiceMode.Auto);
    }

    private static string? NameOf(JsonElement tool) => tool.Has("function", out JsonElement function) ? function.Text("name") : tool.Text("name");

    public static void Write(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
    {
        List<ToolDefinition> writable = [.. request.Tools.Where(t => t is FunctionTool or BuiltInTool { Wire: Wire.OpenAIChat })];
        foreach (BuiltInTool lost in request.Tools.OfType<BuiltInTool>().Where(t => t.Wire != Wire.OpenAIChat))
        {
            notes.Lose("tool:" + lost.Type, "Chat Completions has no such built-in tool.");
        }
        if (writable.Count > 0)
        {
            writer.WriteStartArray("tools");
            foreach (ToolDefinition tool in writable)
            {
                WriteTool(tool, writer);
            }
            writer.WriteEndArray();
            WriteChoice(request.ToolChoice, writer);
            if (request.ParallelToolCalls is { } parallel)
            {
                writer.WriteBoolean("parallel_tool_calls", parallel);
            }
        }
    }

    private static void WriteTool(ToolDefinition tool, Utf8JsonWriter writer)
    {
        if (tool is not FunctionTool function)
        {
            ((BuiltInTool)tool).Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", function.Name);
        if (function.Description is not null)
        {
            writer.WriteString("description", function.Description);
        }
        if (function.Parameters.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName("parameters");
            function.Parameters.WriteTo(writer);
        }
        if (function.Strict is { } strict)
        {
            writer.WriteBoolean("strict", strict);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteChoice(ToolChoice? choice, Utf8JsonWriter writer)
    {
        if (choice is null)
        {
            return;
        }
        writer.WritePropertyName("tool_choice");
        string mode = choice.Mode switch { ToolChoiceMode.None => "none", ToolChoiceMode.Required => "required", _ => "auto" };
        if (choice.Mode != ToolChoiceMode.Named && choice.Allowed.Count == 0)
        {
            writer.WriteStringValue(mode);
            return;
        }
        writer.WriteStartObject();
        if (choice.Mode == ToolChoiceMode.Named)
        {
            writer.WriteString("type", "function");
            WriteName(choice.Name!, writer);
        }
        else
        {
            writer.WriteString("type", "allowed_tools");
            writer.WriteStartObject("allowed_tools");
            writer.WriteString("mode", mode);
            writer.WriteStartArray("tools");
            foreach (string name in choice.Allowed)
            {
                writer.WriteStartObject();
                writer.WriteString("type", "function");
                WriteName(name, writer);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteName(string name, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("function");
        writer.WriteString("name", name);
        writer.WriteEndObject();
    }
}
