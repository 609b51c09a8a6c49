using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// Writes <c>system</c> and <c>messages</c>. Messages of one role that follow each other become one, as Anthropic would make
/// them anyway; tool results come first in a user's turn, as it demands.
/// </summary>
internal sealed class AnthropicMessageWriter(Utf8JsonWriter writer, ConversionNotes notes, GenerationRequest request, AnthropicModel model)
{
    private sealed record Turn(string Role, List<Message> Messages);

    private readonly AnthropicBlockWriter _blocks = new(writer, notes);

    /// <param name="instruction">What the model is to be told besides the request's own instructions; null for nothing.</param>
    public void Write(string? instruction)
    {
        List<Part> system = _blocks.Keep(request.Instructions, "system");
        if (instruction is not null)
        {
            system.Add(new TextPart(instruction));
        }
        List<Turn> turns = Turns();
        if (turns.Count == 0 && system.Count > 0)
        {
            // "messages: at least one message is required"
            notes.Bridge("instructions", "Instructions alone were sent as the user's message.");
            turns.Add(new Turn("user", [new Message(Role.User, system)]));
            system = [];
        }
        if (system.Count > 0)
        {
            writer.WritePropertyName("system");
            WriteContent(system);
        }
        writer.WriteStartArray("messages");
        foreach (Turn turn in turns)
        {
            Write(turn);
        }
        WriteContinuation(turns);
        writer.WriteEndArray();
    }

    private List<Turn> Turns()
    {
        List<Turn> turns = [];
        for (int i = 0; i < request.Messages.Count; i++)
        {
            Message message = Prepare(request.Messages[i], last: i == request.Messages.Count - 1);
            if (message.Raw is null && message.Parts.Count == 0)
            {
                continue;
            }
            string role = message.Role switch { Role.Assistant => "assistant", Role.System => "system", _ => "user" };
            if (turns.Count > 0 && turns[^1].Role == role)
            {
                turns[^1].Messages.Add(message);
            }
            else
            {
                turns.Add(new Turn(role, [message]));
            }
        }
        return turns;
    }

    /// <summary>The message with only what can be written; its raw form is kept where it is of this wire.</summary>
    private Message Prepare(Message message, bool last)
    {
        if (message.Raw is { Wire: Wire.AnthropicMessages } raw && AnthropicBlockWriter.HasContent(raw.Json))
        {
            return message;
        }
        List<Part> parts = _blocks.Keep(message.Parts, message.Role == Role.Assistant ? "assistant" : "user");
        if (message.Role == Role.Assistant && last && parts.Count > 0 && parts[^1] is TextPart text)
        {
            // "final assistant content cannot end with trailing whitespace"
            string trimmed = text.Text.TrimEnd();
            parts.RemoveAt(parts.Count - 1);
            if (trimmed.Length > 0)
            {
                parts.Add(text with { Text = trimmed });
            }
        }
        if (message.Role == Role.System && !model.TakesSystemTurns && request.Origin != Wire.AnthropicMessages)
        {
            notes.Bridge("role:system", "Instructions in the middle of the conversation were marked as such in a user's message.");
            return new Message(Role.User, [.. parts.Select(p => p is TextPart t ? t with { Text = $"<system>\n{t.Text}\n</system>" } : p)]);
        }
        return message with { Parts = parts, Raw = null };
    }

    private void Write(Turn turn)
    {
        if (turn.Messages is [{ Raw: { } raw }])
        {
            raw.Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("role", turn.Role);
        writer.WritePropertyName("content");
        if (turn.Messages is [{ } single])
        {
            WriteContent(single.Parts);
        }
        else
        {
            writer.WriteStartArray();
            foreach (Message message in turn.Messages.OrderBy(m => m.Role == Role.Tool ? 0 : 1))
            {
                WriteBlocks(message);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private void WriteBlocks(Message message)
    {
        if (message.Raw is { } raw)
        {
            AnthropicBlockWriter.CopyBlocks(raw.Json, writer);
            return;
        }
        foreach (Part part in message.Parts)
        {
            _blocks.Write(part);
        }
    }

    private void WriteContent(IReadOnlyList<Part> parts)
    {
        if (parts is [TextPart { Cache: null, Citations.Count: 0 } text])
        {
            writer.WriteStringValue(text.Text);
            return;
        }
        writer.WriteStartArray();
        foreach (Part part in parts.OrderBy(p => p is ToolResultPart ? 0 : 1))
        {
            _blocks.Write(part);
        }
        writer.WriteEndArray();
    }

    private void WriteContinuation(List<Turn> turns)
    {
        if (turns.Count > 0 && turns[^1].Role == "assistant" && !model.TakesPrefill && request.Origin != Wire.AnthropicMessages)
        {
            notes.Bridge("prefill", "The model does not take up an unfinished answer; it was asked to go on.");
            writer.WriteStartObject();
            writer.WriteString("role", "user");
            writer.WriteString("content", "Go on from exactly where your last message ends, without repeating any of it.");
            writer.WriteEndObject();
        }
    }
}
