using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes turns as the items of <c>input</c>.</summary>
internal sealed class ResponsesInputWriter(GenerationRequest request, Utf8JsonWriter writer, ConversionNotes notes)
{
    private readonly ResponsesContentWriter _content = new(writer, notes);

    public void WriteAll()
    {
        writer.WriteStartArray("input"u8);
        foreach (Message message in request.Messages)
        {
            if (message.Raw is { Wire: Wire.OpenAIResponses } raw)
            {
                WriteRaw(raw.Json);
            }
            else
            {
                Write(message);
            }
        }
        writer.WriteEndArray();
    }

    private void WriteRaw(JsonElement items)
    {
        if (items.ValueKind != JsonValueKind.Array)
        {
            items.WriteTo(writer);
            return;
        }
        foreach (JsonElement item in items.EnumerateArray())
        {
            item.WriteTo(writer);
        }
    }

    private void Write(Message message)
    {
        if (message.Name is not null)
        {
            notes.Lose("name", "Responses has no names of participants.");
        }
        List<Part> content = [];
        foreach (Part part in message.Parts)
        {
            if (IsItem(part))
            {
                FlushContent(message.Role, content);
                WriteItem(part);
            }
            else
            {
                content.Add(part);
            }
        }
        FlushContent(message.Role, content);
    }

    private static bool IsItem(Part part) =>
        part is ToolCallPart or ToolResultPart or ReasoningPart
        || (part is OpaquePart { Wire: Wire.OpenAIResponses } opaque && !opaque.Type.StartsWith("input_", StringComparison.Ordinal));

    private void WriteItem(Part part)
    {
        switch (part)
        {
            case ToolCallPart call:
                WriteCall(call);
                break;
            case ToolResultPart result:
                WriteResult(result);
                break;
            case ReasoningPart reasoning:
                WriteReasoning(reasoning);
                break;
            case OpaquePart opaque:
                opaque.Json.WriteTo(writer);
                break;
        }
    }

    private void WriteCall(ToolCallPart call)
    {
        if (call.Signature is not null)
        {
            notes.Lose("signature", "Only the vendor that made a signature can use it.");
        }
        var tool = ResponsesToolName.Of(request, call.Name);
        writer.WriteStartObject();
        writer.WriteString("type"u8, tool.Custom ? "custom_tool_call"u8 : "function_call"u8);
        writer.WriteString("call_id"u8, call.Id);
        tool.WriteTo(writer);
        if (tool.Custom)
        {
            writer.WriteString("input"u8, ResponsesItemReader.InputOf(call.ArgumentsJson));
        }
        else
        {
            writer.WriteString("arguments"u8, call.ArgumentsJson.Length == 0 ? "{}" : call.ArgumentsJson);
        }
        writer.WriteEndObject();
    }

    private void WriteResult(ToolResultPart result)
    {
        if (result.IsError)
        {
            notes.Bridge("is_error", "Responses has no mark for a failed call; the content says it.");
        }
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesToolName.Of(request, result.Name).Custom ? "custom_tool_call_output"u8 : "function_call_output"u8);
        writer.WriteString("call_id"u8, result.CallId);
        writer.WritePropertyName("output"u8);
        if (result.Content.All(p => p is TextPart))
        {
            writer.WriteStringValue(result.Text);
        }
        else
        {
            _content.WriteParts(Role.Tool, result.Content);
        }
        writer.WriteEndObject();
    }

    // Thoughts go back only to where they came from, and only with what proves them.
    private void WriteReasoning(ReasoningPart reasoning)
    {
        bool own = reasoning.Origin == Wire.OpenAIResponses;
        if (!own || (reasoning.Signature is null && reasoning.Id is null))
        {
            string what = reasoning.Signature is null ? "reasoning" : "signature";
            notes.Lose(what, "Earlier thoughts are left out: Responses takes back only its own.");
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type"u8, "reasoning"u8);
        if (reasoning.Id is not null)
        {
            writer.WriteString("id"u8, reasoning.Id);
        }
        writer.WriteStartArray("summary"u8);
        if (reasoning.Text.Length > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "summary_text"u8);
            writer.WriteString("text"u8, reasoning.Text);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (reasoning.Signature is not null)
        {
            writer.WriteString("encrypted_content"u8, reasoning.Signature);
        }
        writer.WriteEndObject();
    }

    private void FlushContent(Role role, List<Part> content)
    {
        if (content.Count == 0)
        {
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, role switch { Role.Assistant => "assistant"u8, Role.System => "developer"u8, _ => "user"u8 });
        writer.WritePropertyName("content"u8);
        if (content is [TextPart { Cache: null, Citations.Count: 0 } text])
        {
            writer.WriteStringValue(text.Text);
        }
        else
        {
            _content.WriteParts(role, content);
        }
        writer.WriteEndObject();
        content.Clear();
    }
}
