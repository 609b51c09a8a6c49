using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>
/// Reads <c>input</c>, a flat list of items, into turns: what the model said and called in a row is one turn, so are the
/// results of its calls. The raw form of a turn is its item, or the array of its items.
/// </summary>
internal static class ResponsesInputReader
{
    /// <param name="instructions">The request's, and system and developer messages that stand before the conversation.</param>
    public static List<Message> ReadAll(JsonElement json, out List<Part> instructions)
    {
        instructions = json.Text("instructions") is { Length: > 0 } text ? [new TextPart(text)] : [];
        if (!json.Has("input", out JsonElement input))
        {
            return [];
        }
        if (input.ValueKind == JsonValueKind.String)
        {
            return [new Message(Role.User, [new TextPart(input.GetString()!)])];
        }
        if (input.ValueKind != JsonValueKind.Array)
        {
            throw new GenerationFormatException("'input' must be a string or an array of items.", "input");
        }
        return ReadItems(input, instructions);
    }

    private static List<Message> ReadItems(JsonElement input, List<Part> instructions)
    {
        var names = new Dictionary<string, string>();
        List<Message> messages = [];
        List<JsonElement> items = [];
        List<Part> parts = [];
        Role role = default;
        foreach (JsonElement item in input.EnumerateArray())
        {
            Role next = item.ValueKind == JsonValueKind.Object ? ResponsesItemReader.RoleOf(item) : Role.User;
            if (items.Count > 0 && (next != role || next is Role.User or Role.System))
            {
                messages.Add(Turn(role, items, parts));
                (items, parts) = ([], []);
            }
            role = next;
            int before = parts.Count;
            ResponsesItemReader.Read(item, parts);
            if (role == Role.System && messages.Count == 0 && parts.TrueForAll(p => p is TextPart))
            {
                instructions.AddRange(parts);
                parts.Clear();
                continue;
            }
            NameResults(parts, before, names);
            items.Add(item);
        }
        if (items.Count > 0)
        {
            messages.Add(Turn(role, items, parts));
        }
        return messages;
    }

    private static void NameResults(List<Part> parts, int from, Dictionary<string, string> names)
    {
        for (int i = from; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart call)
            {
                names[call.Id] = call.Name;
            }
            else if (parts[i] is ToolResultPart { Name: null } result && names.TryGetValue(result.CallId, out string? name))
            {
                parts[i] = result with { Name = name };
            }
        }
    }

    private static Message Turn(Role role, List<JsonElement> items, List<Part> parts) => new(role, parts)
    {
        // Another vendor's signature would be refused as forged: such a turn is written from its parts, without it.
        Raw = parts.Exists(CarriesForeignSignature) ? null : new RawJson(Wire.OpenAIResponses, items.Count == 1 ? items[0] : ArrayOf(items)),
    };

    private static bool CarriesForeignSignature(Part part) =>
        part is ReasoningPart { Signature: not null, Origin: not Wire.OpenAIResponses } or ToolCallPart { Signature: not null };

    private static JsonElement ArrayOf(List<JsonElement> items)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartArray();
            foreach (JsonElement item in items)
            {
                item.WriteTo(writer);
            }
            writer.WriteEndArray();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
