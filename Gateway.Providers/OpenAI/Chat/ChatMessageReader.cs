using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Reads Chat's messages.</summary>
internal static class ChatMessageReader
{
    /// <param name="instructions">The system and developer messages that stand before all others.</param>
    public static List<Message> ReadAll(JsonElement json, out List<Part> instructions)
    {
        instructions = [];
        List<Message> messages = [];
        Dictionary<string, string> calls = [];
        int index = 0;
        foreach (JsonElement message in json.Items("messages"))
        {
            if (message.ValueKind != JsonValueKind.Object)
            {
                throw new GenerationFormatException($"'messages[{index}]' must be an object.", $"messages[{index}]");
            }
            string role = message.Text("role") ?? throw new GenerationFormatException($"'messages[{index}].role' is missing.", $"messages[{index}].role");
            switch (role)
            {
                case "system" or "developer" when messages.Count == 0:
                    instructions.AddRange(ChatParts.ReadContent(message));
                    break;
                case "system" or "developer":
                    messages.Add(new Message(Role.System, ChatParts.ReadContent(message)) { Raw = Raw(message) });
                    break;
                case "tool" or "function":
                    AddResult(messages, message, calls);
                    break;
                case "assistant":
                    messages.Add(new Message(Role.Assistant, ReadAssistant(message)) { Name = message.Text("name"), Raw = Raw(message) });
                    foreach (ToolCallPart call in messages[^1].Parts.OfType<ToolCallPart>())
                    {
                        calls[call.Id] = call.Name;
                    }
                    break;
                default:
                    messages.Add(new Message(Role.User, ChatParts.ReadContent(message)) { Name = message.Text("name"), Raw = Raw(message) });
                    break;
            }
            index++;
        }
        return messages;
    }

    /// <summary>The parts of an assistant's turn: what it thought, said and wants called.</summary>
    public static List<Part> ReadAssistant(JsonElement message)
    {
        List<Part> parts = [];
        ChatReasoning.Read(message, parts);
        List<Part> content = ChatParts.ReadContent(message);
        ChatParts.AddAnnotations(message, content);
        parts.AddRange(content);
        if (message.Text("refusal") is { } refusal)
        {
            parts.Add(new RefusalPart(refusal));
        }
        if (message.Has("audio", out JsonElement audio))
        {
            parts.Add(ChatParts.ReadAudio(audio));
        }
        parts.AddRange(message.Items("images").Select(ChatParts.ReadPart));
        foreach (JsonElement call in message.Items("tool_calls"))
        {
            parts.Add(ReadCall(call));
        }
        if (message.Has("function_call", out JsonElement old))
        {
            string name = old.Text("name") ?? "";
            parts.Add(new ToolCallPart(OldId(name), name, ArgumentsOf(old)));
        }
        return parts;
    }

    private static Part ReadCall(JsonElement call)
    {
        if (!call.Has("function", out JsonElement function))
        {
            return new OpaquePart(Wire.OpenAIChat, (call.Text("type") ?? "unknown") + "_call", call);
        }
        return new ToolCallPart(call.Text("id") ?? "", function.Text("name") ?? "", ArgumentsOf(function)) { Signature = ChatReasoning.GoogleSignature(call) };
    }

    // Some servers send the arguments as an object.
    public static string ArgumentsOf(JsonElement function) => !function.Has("arguments", out JsonElement arguments) ? ""
        : arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : arguments.GetRawText();

    // The old function_call had no ids; a call and its result find each other by name.
    public static string OldId(string name) => "call_" + name;

    private static void AddResult(List<Message> messages, JsonElement message, Dictionary<string, string> calls)
    {
        string id = message.Text("tool_call_id") ?? OldId(message.Text("name") ?? "");
        var result = new ToolResultPart(id, ChatParts.ReadContent(message)) { Name = message.Text("name") ?? calls.GetValueOrDefault(id) };
        if (messages.Count > 0 && messages[^1].Role == Role.Tool)
        {
            messages[^1] = messages[^1] with { Parts = [.. messages[^1].Parts, result] };
        }
        else
        {
            messages.Add(new Message(Role.Tool, [result]));
        }
    }

    private static RawJson Raw(JsonElement message) => new(Wire.OpenAIChat, message);
}
