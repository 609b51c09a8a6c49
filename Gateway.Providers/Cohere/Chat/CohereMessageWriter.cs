using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Writes the messages of a request.</summary>
internal sealed class CohereMessageWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    public void WriteAll(GenerationRequest request)
    {
        writer.WriteStartArray("messages");
        if (request.Instructions.Count > 0)
        {
            WriteOne("system", request.Instructions);
        }
        foreach (Message message in request.Messages)
        {
            Write(message);
        }
        writer.WriteEndArray();
    }

    private void Write(Message message)
    {
        if (message.Raw is { Wire: Wire.CohereChat } raw)
        {
            raw.Json.WriteTo(writer);
            return;
        }
        switch (message.Role)
        {
            case Role.Assistant:
                WriteAssistant(message);
                break;
            case Role.System:
                WriteOne("system", message.Parts);
                break;
            default:
                WriteResults(message);
                List<Part> rest = [.. message.Parts.Where(p => p is not ToolResultPart)];
                if (rest.Count > 0)
                {
                    WriteOne("user", rest);
                }
                break;
        }
    }

    private void WriteOne(string role, IReadOnlyList<Part> parts)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        WriteContent(parts);
        writer.WriteEndObject();
    }

    private void WriteResults(Message message)
    {
        List<Part> media = [];
        foreach (ToolResultPart result in message.Parts.OfType<ToolResultPart>())
        {
            media.AddRange(result.Content.Where(p => p is MediaPart));
            writer.WriteStartObject();
            writer.WriteString("role", "tool");
            writer.WriteString("tool_call_id", result.CallId);
            writer.WriteString("content", string.Concat(result.Content.Select(TextOf)));
            writer.WriteEndObject();
            if (result.IsError)
            {
                notes.Bridge("tool_result.is_error", "Cohere marks no failed tool call; its text says it.");
            }
        }
        if (media.Count > 0)
        {
            notes.Bridge("tool_result.media", "Pictures and files of a tool result follow it as a user's message.");
            WriteOne("user", media);
        }
    }

    private static string TextOf(Part part) => part switch
    {
        TextPart text => text.Text,
        OpaquePart opaque => opaque.Json.GetRawText(),
        _ => "",
    };

    private void WriteAssistant(Message message)
    {
        List<ReasoningPart> own = [.. message.Parts.OfType<ReasoningPart>().Where(t => t.Origin is null or Wire.CohereChat)];
        if (own.Count < message.Parts.OfType<ReasoningPart>().Count())
        {
            notes.Lose("signature", "Thoughts that another vendor signed mean nothing here.");
        }
        List<ToolCallPart> calls = [.. message.Parts.OfType<ToolCallPart>()];
        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        List<Part> content = [.. message.Parts.Where(p => p is not (ToolCallPart or ReasoningPart) || (p is ReasoningPart { Id: not CohereParts.ToolPlan } t && own.Contains(t)))];
        if (content.Count > 0 || calls.Count == 0)
        {
            WriteContent(content);
        }
        WriteCalls(writer, calls, own);
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>tool_plan</c> and <c>tool_calls</c>; neither where there is nothing for it.</summary>
    public static void WriteCalls(Utf8JsonWriter writer, List<ToolCallPart> calls, IEnumerable<ReasoningPart> thoughts)
    {
        string plan = string.Concat(thoughts.Where(t => t.Id == CohereParts.ToolPlan).Select(t => t.Text));
        if (plan.Length > 0)
        {
            writer.WriteString("tool_plan", plan);
        }
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (ToolCallPart call in calls)
            {
                WriteCall(writer, call.Id, call.Name, call.ArgumentsJson.Length == 0 ? "{}" : call.ArgumentsJson);
            }
            writer.WriteEndArray();
        }
    }

    public static void WriteCall(Utf8JsonWriter writer, string id, string name, string arguments)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", name);
        writer.WriteString("arguments", arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteContent(IReadOnlyList<Part> parts)
    {
        if (parts is [TextPart only])
        {
            NoteHints(only);
            writer.WriteString("content", only.Text);
            return;
        }
        writer.WriteStartArray("content");
        foreach (Part part in parts)
        {
            NoteHints(part);
            WritePart(part);
        }
        writer.WriteEndArray();
    }

    private void NoteHints(Part part)
    {
        if (part.Cache is not null)
        {
            notes.Bridge("cache", "Cohere caches prompts by itself; the hints were left out.");
        }
        if (part is TextPart { Citations.Count: > 0 })
        {
            notes.Lose("citations", "A message of a request carries no citations here.");
        }
        if (part is TextPart { Signature: not null } or MediaPart { Signature: not null } or ToolCallPart { Signature: not null })
        {
            notes.Lose("signature", "A signature on text means nothing here.");
        }
    }

    private void WritePart(Part part)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(text.Text);
                break;
            case RefusalPart refusal:
                WriteText(refusal.Text);
                break;
            case ReasoningPart thought:
                WriteThinking(writer, thought);
                break;
            case MediaPart { Kind: MediaKind.Image, Source.FileId: null } image:
                writer.WriteStartObject();
                writer.WriteString("type", "image_url");
                writer.WriteStartObject("image_url");
                writer.WriteString("url", image.Source.ToUrl("image/png"));
                if (image.Detail is "low" or "high" or "auto")
                {
                    writer.WriteString("detail", image.Detail);
                }
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case MediaPart { Source.Text: { } text }:
                notes.Bridge("document.text", "A document given as text was sent as text.");
                WriteText(text);
                break;
            case MediaPart media:
                notes.Lose(media.Source.FileId is null ? "part:" + media.Kind.ToString().ToLowerInvariant() : "file_id", "Cohere takes text and pictures only.");
                break;
            case OpaquePart { Wire: Wire.CohereChat } own:
                own.Json.WriteTo(writer);
                break;
            case OpaquePart opaque:
                notes.Lose("part:" + opaque.Type, $"Only {opaque.Wire.ToTitle()} has such parts.");
                break;
        }
    }

    private void WriteText(string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "text");
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }

    public static void WriteThinking(Utf8JsonWriter writer, ReasoningPart thought)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "thinking");
        writer.WriteString("thinking", thought.Text);
        // Cohere signs nothing; a foreign signature travels through a client this way and is taken off before it gets there.
        if (thought.Signature is not null && thought.Origin is not (null or Wire.CohereChat))
        {
            writer.WriteString("signature", ForeignSignature.Wrap(thought.Origin, Wire.CohereChat, thought.Signature));
        }
        writer.WriteEndObject();
    }
}
