using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Writes the messages of a Chat request.</summary>
/// <param name="model">Google's models want their signatures back; other servers may refuse the field.</param>
internal sealed class ChatMessageWriter(Utf8JsonWriter writer, ConversionNotes notes, string model)
{
    private readonly ChatPartWriter _parts = new(writer, notes);

    public void WriteAll(GenerationRequest request)
    {
        if (request.Instructions.Count > 0)
        {
            WriteOne("system", null, request.Instructions);
        }
        foreach (Message message in request.Messages)
        {
            Write(message);
        }
    }

    private void Write(Message message)
    {
        if (message.Raw is { Wire: Wire.OpenAIChat } raw)
        {
            raw.Json.WriteTo(writer);
            return;
        }
        switch (message.Role)
        {
            case Role.Tool:
                WriteResults(message);
                break;
            case Role.Assistant:
                WriteAssistant(message);
                break;
            case Role.System:
                WriteOne("system", message.Name, message.Parts);
                break;
            default:
                // Tool results may stand in a user's turn on other wires; here each is a message of its own, before the rest.
                WriteResults(message);
                List<Part> rest = [.. message.Parts.Where(p => p is not ToolResultPart)];
                if (rest.Count > 0 || message.Parts.Count == 0)
                {
                    WriteOne("user", message.Name, rest);
                }
                break;
        }
    }

    private void WriteOne(string role, string? name, IReadOnlyList<Part> parts)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        if (name is not null)
        {
            writer.WriteString("name", name);
        }
        _parts.WriteContent(parts);
        writer.WriteEndObject();
    }

    private void WriteResults(Message message)
    {
        List<Part> media = [];
        foreach (ToolResultPart result in message.Parts.OfType<ToolResultPart>())
        {
            writer.WriteStartObject();
            writer.WriteString("role", "tool");
            writer.WriteString("tool_call_id", result.CallId);
            media.AddRange(result.Content.Where(p => p is MediaPart));
            string text = result.Text;
            foreach (OpaquePart opaque in result.Content.OfType<OpaquePart>())
            {
                text += opaque.Json.GetRawText();
            }
            writer.WriteString("content", text);
            writer.WriteEndObject();
            if (result.IsError)
            {
                notes.Bridge("tool_result.is_error", "Chat Completions marks no failed tool call; its text says it.");
            }
        }
        if (media.Count > 0)
        {
            // A tool's message takes text only.
            notes.Bridge("tool_result.media", "Pictures and files of a tool result follow it as a user's message.");
            WriteOne("user", null, media);
        }
    }

    private void WriteAssistant(Message message)
    {
        List<ToolCallPart> calls = [.. message.Parts.OfType<ToolCallPart>()];
        List<Part> content = [.. message.Parts.Where(p => p is TextPart or MediaPart or OpaquePart)];
        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        if (message.Name is not null)
        {
            writer.WriteString("name", message.Name);
        }
        if (content.Count > 0 || calls.Count == 0)
        {
            _parts.WriteContent(content);
        }
        else
        {
            writer.WriteNull("content");
        }
        foreach (RefusalPart refusal in message.Parts.OfType<RefusalPart>().Take(1))
        {
            writer.WriteString("refusal", refusal.Text);
        }
        WriteThoughts([.. message.Parts.OfType<ReasoningPart>()]);
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (ToolCallPart call in calls)
            {
                ChatPartWriter.WriteCall(writer, Signed(call), null);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private ToolCallPart Signed(ToolCallPart call)
    {
        if (call.Signature is null || model.Contains("gemini", StringComparison.OrdinalIgnoreCase))
        {
            return call;
        }
        notes.Lose("signature", "A signature that another vendor put on a call means nothing here.");
        return call with { Signature = null };
    }

    // Only a server of this wire can make use of its own thoughts; OpenAI itself refuses none of these fields.
    private void WriteThoughts(List<ReasoningPart> thoughts)
    {
        List<ReasoningPart> own = [.. thoughts.Where(t => t.Origin is null or Wire.OpenAIChat)];
        ChatReasoning.Write(writer, own);
        if (own.Count < thoughts.Count)
        {
            notes.Lose("signature", "Thoughts that another vendor signed mean nothing here.");
        }
    }
}
