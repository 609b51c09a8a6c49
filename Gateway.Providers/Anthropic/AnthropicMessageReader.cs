using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads the messages of a request. A user's message with tool results in it becomes two: the results, then the rest.</summary>
internal static class AnthropicMessageReader
{
    public static List<Message> ReadAll(JsonElement json, List<VendorExtension> extensions)
    {
        if (!json.Has("messages", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new GenerationFormatException("messages must be a list of messages.", "messages");
        }
        List<Message> messages = [];
        var functions = new Dictionary<string, string>();
        int index = 0;
        foreach (JsonElement message in list.EnumerateArray())
        {
            string param = $"messages[{index++}]";
            if (message.ValueKind != JsonValueKind.Object)
            {
                throw new GenerationFormatException($"{param} must be an object with role and content.", param);
            }
            message.Has("content", out JsonElement content);
            List<Part> parts = AnthropicBlockReader.ReadContent(content, param + ".content");
            AnthropicBlockMarks.Add(content, extensions);
            Add(message, parts, functions, messages, param);
        }
        return messages;
    }

    private static void Add(JsonElement message, List<Part> parts, Dictionary<string, string> functions, List<Message> messages, string param)
    {
        switch (message.Text("role"))
        {
            case "user":
                AddUser(message, parts, functions, messages);
                break;
            case "assistant":
                foreach (ToolCallPart call in parts.OfType<ToolCallPart>())
                {
                    functions[call.Id] = call.Name;
                }
                messages.Add(new Message(Role.Assistant, parts) { Raw = AllOurs(parts) ? Raw(message) : null });
                break;
            case "system":
                messages.Add(new Message(Role.System, parts) { Raw = Raw(message) });
                break;
            case var role:
                throw new GenerationFormatException($"{param}.role is '{role}'; it must be user, assistant or system.", param + ".role");
        }
    }

    private static void AddUser(JsonElement message, List<Part> parts, Dictionary<string, string> functions, List<Message> messages)
    {
        List<Part> results = [.. parts.OfType<ToolResultPart>().Select(r => r with { Name = functions.GetValueOrDefault(r.CallId) })];
        if (results.Count == 0)
        {
            messages.Add(new Message(Role.User, parts) { Raw = Raw(message) });
            return;
        }
        bool mixed = results.Count < parts.Count;
        messages.Add(new Message(Role.Tool, results) { Raw = Raw(mixed ? Only(message, results: true) : message) });
        if (mixed)
        {
            messages.Add(new Message(Role.User, parts.FindAll(p => p is not ToolResultPart)) { Raw = Raw(Only(message, results: false)) });
        }
    }

    private static RawJson Raw(JsonElement message) => new(Wire.AnthropicMessages, message);

    // Thoughts that this vendor did not sign, and our own blocks for foreign signatures, must not reach it verbatim.
    private static bool AllOurs(List<Part> parts) => parts.TrueForAll(p => p switch
    {
        ReasoningPart thought => thought is { Origin: Wire.AnthropicMessages, Signature: not null },
        ToolCallPart call => call.Signature is null,
        TextPart text => text.Signature is null,
        _ => true,
    });

    /// <summary>The message with only its tool results, or with everything but them.</summary>
    private static JsonElement Only(JsonElement message, bool results)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("role", "user");
            writer.WriteStartArray("content");
            foreach (JsonElement block in message.Items("content").Where(b => b.Text("type") == "tool_result" == results))
            {
                block.WriteTo(writer);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
