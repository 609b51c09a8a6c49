using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Writes <c>system</c> and <c>messages</c>: users and assistants alternate, a user begins, and no message is empty.</summary>
internal sealed class ConverseMessageWriter(Utf8JsonWriter writer, ConversionNotes notes)
{
    private readonly ConverseBlockWriter _blocks = new(writer, notes, request: true);
    private string? _open;
    private Role? _last;

    // What was read from this wire goes back as it was; the upstream judges it.
    private bool _own;

    /// <param name="more">A further instruction; null for none.</param>
    public void Write(GenerationRequest request, string? more)
    {
        _own = request.Origin == Wire.BedrockConverse;
        WriteSystem(request, more);
        writer.WriteStartArray("messages");
        foreach (Message message in request.Messages)
        {
            WriteMessage(message);
        }
        if (_open is null)
        {
            Begin("user");
            _blocks.Write(new TextPart("…"));
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private void WriteSystem(GenerationRequest request, string? more)
    {
        List<Part> parts = [.. request.Instructions];
        if (more is not null)
        {
            parts.Add(new TextPart(more));
        }
        List<Part> writable = Writable(parts);
        if (writable.Count > 0)
        {
            writer.WriteStartArray("system");
            writable.ForEach(_blocks.Write);
            writer.WriteEndArray();
        }
    }

    private void WriteMessage(Message message)
    {
        string role = message.Role == Role.Assistant ? "assistant" : "user";
        if (message.Raw is { Wire: Wire.BedrockConverse } raw)
        {
            // Turns that came apart go back apart: some models take two of the same role in a row.
            Begin(role, apart: _last == message.Role);
            _last = message.Role;
            foreach (JsonElement block in raw.Json.Items("content"))
            {
                block.WriteTo(writer);
            }
            return;
        }
        if (message.Role == Role.System)
        {
            notes.Bridge("system_message", "Converse takes instructions at the start only; this one was sent as the user's.");
        }
        List<Part> writable = Writable(message.Parts);
        if (writable.Count == 0)
        {
            return;
        }
        Begin(role);
        _last = message.Role;
        // A document must have some text beside it.
        if (role == "user" && writable.Exists(p => p is MediaPart { Kind: MediaKind.Document }) && !writable.Exists(p => p is TextPart))
        {
            writable.Add(new TextPart("…"));
        }
        // Results answer the turn before and stand first.
        foreach (Part part in writable.OrderBy(p => p is ToolResultPart ? 0 : 1))
        {
            _blocks.Write(part);
        }
    }

    private List<Part> Writable(IReadOnlyList<Part> parts)
    {
        List<Part> writable = [];
        foreach (Part part in parts)
        {
            if (ConverseBlockWriter.IsWritable(part))
            {
                writable.Add(part);
                continue;
            }
            _blocks.NoteLost(part);
            if (part.Cache is not null && writable.Count > 0)
            {
                // The end of a prefix stays where it was.
                writable[^1] = writable[^1] with { Cache = part.Cache };
            }
        }
        return writable;
    }

    /// <summary>Goes on with a message of this role, or ends the last and starts one.</summary>
    private void Begin(string role, bool apart = false)
    {
        if (_open == role && !apart)
        {
            return;
        }
        if (_open is not null)
        {
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else if (role == "assistant" && !_own)
        {
            notes.Bridge("first_message", "A conversation begins with the user here; an empty turn was put first.");
            Start("user");
            _blocks.Write(new TextPart("…"));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        Start(role);
        _open = role;
    }

    private void Start(string role)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteStartArray("content");
    }
}
