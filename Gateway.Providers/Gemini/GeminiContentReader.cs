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
        List<JsonElement> turn = [];
        string? kind = null;
        int index = 0;
        foreach (JsonElement content in json.GetItems("contents"))
        {
            if (content.ValueKind != JsonValueKind.Object)
            {
                throw new GenerationFormatException($"'contents[{index}]' must be an object with 'role' and 'parts'.", $"contents[{index}]");
            }
            string? next = KindOf(content, index++);
            if (next is null || next != kind)
            {
                Add(messages, turn, reader);
            }
            turn.Add(content);
            kind = next;
        }
        Add(messages, turn, reader);
        return messages;
    }

    /// <summary>
    /// Clients that stream keep each chunk of a model's turn as a content of its own, and some send each function's result so:
    /// neighbours of one of these kinds are one turn. Null for all others.
    /// </summary>
    private static string? KindOf(JsonElement content, int index) => (content.GetText("role") ?? "user") switch
    {
        "model" => "model",
        "user" or "function" => content.GetItems("parts").Any() && content.GetItems("parts").All(p => p.Get("functionResponse", out _)) ? "results" : null,
        _ => throw new GenerationFormatException($"'contents[{index}].role' must be 'user', 'model' or 'function'.", $"contents[{index}].role"),
    };

    private static void Add(List<Message> messages, List<JsonElement> turn, GeminiPartReader reader)
    {
        if (turn.Count > 0)
        {
            JsonElement content = turn.Count == 1 ? turn[0] : Joined(turn);
            Add(messages, content, content.GetText("role") == "model", reader.ReadAll(content));
            turn.Clear();
        }
    }

    private static JsonElement Joined(List<JsonElement> turn) => GeminiJson.Create(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role", turn[0].GetText("role") ?? "user");
        writer.WriteStartArray("parts");
        foreach (JsonElement part in turn.SelectMany(c => c.GetItems("parts")))
        {
            part.WriteTo(writer);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Add(List<Message> messages, JsonElement content, bool ofModel, List<Part> parts)
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
        List<Part> results = parts.FindAll(p => p is ToolResultPart);
        if (ofModel)
        {
            // What another vendor signed does not go back as it came.
            bool foreign = parts.Exists(p => p is ReasoningPart { Origin: not (null or Wire.Gemini) });
            messages.Add(new Message(Role.Assistant, parts) { Raw = foreign ? null : raw });
        }
        else if (results.Count == 0 || results.Count == parts.Count)
        {
            messages.Add(new Message(results.Count == 0 ? Role.User : Role.Tool, parts) { Raw = raw });
        }
        else
        {
            messages.Add(new Message(Role.Tool, results));
            messages.Add(new Message(Role.User, parts.FindAll(p => p is not ToolResultPart)));
        }
    }

    /// <summary>A content, or a plain string.</summary>
    public static List<Part> ReadInstructions(JsonElement json) =>
        !json.Get("systemInstruction", out JsonElement instruction) ? []
        : instruction.ValueKind == JsonValueKind.String ? [new TextPart(instruction.GetString()!)]
        : new GeminiPartReader(new GeminiCallIds("call_")).ReadAll(instruction);
}
