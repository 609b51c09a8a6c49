using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Reads <c>contents</c>.</summary>
internal static class GeminiContentReader
{
    public static List<Message> ReadAll(JsonElement json)
    {
        var reader = new GeminiPartReader(new GeminiCallIds("call_"));
        List<Message> messages = [];
        int index = 0;
        foreach (JsonElement content in json.GetItems("contents"))
        {
            if (content.ValueKind != JsonValueKind.Object)
            {
                throw new GenerationFormatException($"'contents[{index}]' must be an object with 'role' and 'parts'.", $"contents[{index}]");
            }
            Add(messages, content, content.GetText("role") ?? "user", reader.ReadAll(content), index);
            index++;
        }
        return messages;
    }

    private static void Add(List<Message> messages, JsonElement content, string role, List<Part> parts, int index)
    {
        if (parts.Count == 0 && !content.GetItems("parts").Any())
        {
            // What a model said that stopped before its first word, sent back as history.
            return;
        }
        if (parts.Count == 0)
        {
            parts.Add(new TextPart(""));
        }
        var raw = new RawJson(Wire.Gemini, content);
        switch (role)
        {
            case "model":
                messages.Add(new Message(Role.Assistant, parts) { Raw = raw });
                break;
            case "user" or "function":
                List<Part> results = parts.FindAll(p => p is ToolResultPart);
                if (results.Count == 0 || results.Count == parts.Count)
                {
                    messages.Add(new Message(results.Count == 0 ? Role.User : Role.Tool, parts) { Raw = raw });
                    break;
                }
                messages.Add(new Message(Role.Tool, results));
                messages.Add(new Message(Role.User, parts.FindAll(p => p is not ToolResultPart)));
                break;
            default:
                throw new GenerationFormatException($"'contents[{index}].role' must be 'user', 'model' or 'function'.", $"contents[{index}].role");
        }
    }

    /// <summary>A content, or a plain string.</summary>
    public static List<Part> ReadInstructions(JsonElement json) =>
        !json.Get("systemInstruction", out JsonElement instruction) ? []
        : instruction.ValueKind == JsonValueKind.String ? [new TextPart(instruction.GetString()!)]
        : new GeminiPartReader(new GeminiCallIds("call_")).ReadAll(instruction);
}
