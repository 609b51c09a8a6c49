using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Reads one item of a conversation; they are the same in requests and in answers.</summary>
internal static class ResponsesItemReader
{
    /// <summary>Whose turn the item belongs to.</summary>
    public static Role RoleOf(JsonElement item) => item.Text("type") switch
    {
        null or "message" => item.Text("role") switch
        {
            "assistant" => Role.Assistant,
            "system" or "developer" => Role.System,
            _ => Role.User,
        },
        "additional_tools" => Role.System,
        // What the caller's side gives back. The outputs of tools that the vendor runs never come without their call's.
        "mcp_approval_response" => Role.Tool,
        { } type when type.EndsWith("_output", StringComparison.Ordinal) => Role.Tool,
        _ => Role.Assistant,
    };

    /// <summary>Adds the item's parts.</summary>
    /// <exception cref="GenerationFormatException">It is not an item.</exception>
    public static void Read(JsonElement item, List<Part> parts)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("Each item of 'input' must be an object.", "input");
        }
        string type = item.Text("type") ?? "message";
        switch (type)
        {
            case "message":
                ResponsesContentReader.Read(item, parts);
                break;
            case "function_call":
                parts.Add(new ToolCallPart(CallId(item), ResponsesToolName.Read(item), item.Text("arguments") ?? ""));
                break;
            case "custom_tool_call":
                parts.Add(new ToolCallPart(CallId(item), ResponsesToolName.Read(item), ArgumentsOf(item.Text("input") ?? "")));
                break;
            case "function_call_output" or "custom_tool_call_output":
                parts.Add(new ToolResultPart(CallId(item), ResponsesContentReader.ReadOutput(item)) { Name = item.Text("name") });
                break;
            case "reasoning":
                parts.Add(ReadReasoning(item));
                break;
            case "image_generation_call" when item.Text("result") is { Length: > 0 } data:
                parts.Add(new MediaPart(MediaKind.Image, new MediaSource { Data = data, MediaType = "image/" + (item.Text("output_format") ?? "png") }));
                break;
            default:
                parts.Add(new OpaquePart(Wire.OpenAIResponses, type, item));
                break;
        }
    }

    /// <summary>A custom tool's input as the arguments of the function that stands for it elsewhere.</summary>
    public static string ArgumentsOf(string input)
    {
        var output = new ArrayBufferWriter<byte>(input.Length + 32);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString(ResponsesTools.CustomInput, input);
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The reverse; arguments of another shape are the input as they are.</summary>
    public static string InputOf(string arguments) => JsonFields.TryParse(arguments).Text(ResponsesTools.CustomInput) ?? arguments;

    private static ReasoningPart ReadReasoning(JsonElement item)
    {
        string text = string.Concat(item.Items("content").Select(c => c.Text("text")));
        if (text.Length == 0)
        {
            text = string.Join("\n\n", item.Items("summary").Select(s => s.Text("text")));
        }
        (Wire origin, string? signature) = item.Text("encrypted_content") is { Length: > 0 } encrypted
            ? ForeignSignature.Unwrap(Wire.OpenAIResponses, encrypted)
            : (Wire.OpenAIResponses, null);
        return new ReasoningPart(text)
        {
            Signature = signature is { Length: > 0 } ? signature : null,
            Redacted = text.Length == 0 && signature is { Length: > 0 },
            Id = item.Text("id"),
            Origin = origin,
        };
    }

    private static string CallId(JsonElement item) => item.Text("call_id") ?? item.Text("id") ?? "";
}
