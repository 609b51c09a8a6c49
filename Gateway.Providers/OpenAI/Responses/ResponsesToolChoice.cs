using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The <c>tool_choice</c> field.</summary>
internal static class ResponsesToolChoice
{
    public static ToolChoice? Read(JsonElement json)
    {
        if (!json.Has("tool_choice", out JsonElement choice))
        {
            return null;
        }
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "none" => new ToolChoice(ToolChoiceMode.None),
                "required" => new ToolChoice(ToolChoiceMode.Required),
                _ => new ToolChoice(ToolChoiceMode.Auto),
            };
        }
        return choice.Text("type") switch
        {
            "function" or "custom" when choice.Text("name") is not null => new ToolChoice(ToolChoiceMode.Named, ResponsesToolName.Read(choice)),
            "allowed_tools" when AllNamed(choice) => new ToolChoice(choice.Text("mode") == "required" ? ToolChoiceMode.Required : ToolChoiceMode.Auto)
            {
                Allowed = [.. choice.Items("tools").Select(ResponsesToolName.Read)],
            },
            _ => null,
        };
    }

    /// <summary>A choice of built-in tools, for which other wires have no word.</summary>
    public static void AddUnknown(JsonElement json, List<VendorExtension> extensions)
    {
        if (json.Has("tool_choice", out JsonElement choice) && Read(json) is null)
        {
            extensions.Add(new VendorExtension(Wire.OpenAIResponses, "tool_choice", choice));
        }
    }

    public static void Write(GenerationRequest request, Utf8JsonWriter writer)
    {
        if (request.ToolChoice is { } choice && request.Tools.Count > 0)
        {
            writer.WritePropertyName("tool_choice"u8);
            WriteValue(request, choice, writer);
        }
    }

    /// <summary>As an answer repeats it.</summary>
    public static void WriteEcho(GenerationRequest request, Utf8JsonWriter writer)
    {
        writer.WritePropertyName("tool_choice"u8);
        if (request.Extensions.FirstOrDefault(e => e is { Wire: Wire.OpenAIResponses, Name: "tool_choice" }) is { } own)
        {
            own.Value.WriteTo(writer);
            return;
        }
        WriteValue(request, request.ToolChoice ?? new ToolChoice(ToolChoiceMode.Auto), writer);
    }

    private static bool AllNamed(JsonElement choice) => choice.Items("tools").All(t => t.Text("type") is "function" or "custom" && t.Text("name") is not null);

    private static void WriteValue(GenerationRequest request, ToolChoice choice, Utf8JsonWriter writer)
    {
        string mode = choice.Mode switch { ToolChoiceMode.None => "none", ToolChoiceMode.Required => "required", _ => "auto" };
        if (choice.Mode == ToolChoiceMode.Named)
        {
            WriteName(request, choice.Name ?? "", writer);
        }
        else if (choice.Allowed.Count == 0)
        {
            writer.WriteStringValue(mode);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "allowed_tools"u8);
            writer.WriteString("mode"u8, mode);
            writer.WriteStartArray("tools"u8);
            foreach (string name in choice.Allowed)
            {
                WriteName(request, name, writer);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static void WriteName(GenerationRequest request, string name, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var tool = ResponsesToolName.Of(request, name);
        writer.WriteString("type"u8, tool.Custom ? "custom"u8 : "function"u8);
        tool.WriteTo(writer);
        writer.WriteEndObject();
    }
}
