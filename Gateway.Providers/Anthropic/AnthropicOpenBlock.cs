using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Anthropic;

/// <summary>A block of a stream while it is read.</summary>
internal sealed class AnthropicOpenBlock(int part, string type, JsonElement start)
{
    // Of what is held back until the block ends; no real block comes near it.
    private const int MostHeld = 16 * 1024 * 1024;

    // What deltas say of an opaque block, by field.
    private readonly SortedDictionary<string, StringBuilder> _fields = [];
    private readonly StringBuilder _signature = new();
    private bool _anyInput;
    private int _held;

    public PartKind Kind { get; } = type switch
    {
        "text" => PartKind.Text,
        "thinking" or "redacted_thinking" => PartKind.Reasoning,
        "tool_use" => PartKind.ToolCall,
        _ => PartKind.Opaque,
    };

    private bool Redacted => type == "redacted_thinking";

    public void Start(List<StreamEvent> events)
    {
        switch (Kind)
        {
            case PartKind.ToolCall:
                events.Add(Make(StreamEventKind.PartStart) with { Id = start.Text("id") ?? "", Name = start.Text("name") ?? "" });
                if (start.Has("input", out JsonElement input) && input.ValueKind == JsonValueKind.Object && input.EnumerateObject().Any())
                {
                    AddInput(input.GetRawText(), events);
                }
                break;
            case PartKind.Reasoning:
                events.Add(Make(StreamEventKind.PartStart) with { Name = Redacted ? StreamEvent.Redacted : null });
                AddText(start.Text("thinking"), events);
                Hold(_signature, Redacted ? start.Text("data") : start.Text("signature"));
                break;
            case PartKind.Text:
                events.Add(Make(StreamEventKind.PartStart));
                AddText(start.Text("text"), events);
                foreach (JsonElement citation in start.Items("citations"))
                {
                    AddCitation(citation, events);
                }
                break;
        }
    }

    public void Add(JsonElement delta, List<StreamEvent> events)
    {
        switch (delta.Text("type"))
        {
            case "text_delta" when Kind == PartKind.Text:
                AddText(delta.Text("text"), events);
                break;
            case "thinking_delta" when Kind == PartKind.Reasoning:
                AddText(delta.Text("thinking"), events);
                break;
            case "signature_delta" when Kind == PartKind.Reasoning:
                Hold(_signature, delta.Text("signature"));
                break;
            case "citations_delta" when Kind == PartKind.Text && delta.Has("citation", out JsonElement citation):
                AddCitation(citation, events);
                break;
            case "input_json_delta" when Kind == PartKind.ToolCall:
                AddInput(delta.Text("partial_json"), events);
                break;
            case { } other when Kind == PartKind.Opaque:
                AddFields(other, delta);
                break;
        }
    }

    public void End(List<StreamEvent> events)
    {
        if (Kind == PartKind.Opaque)
        {
            // Opaque parts are whole as they come.
            events.Add(Make(StreamEventKind.PartStart) with { Name = type, Json = Whole() });
        }
        else if (Kind == PartKind.ToolCall && !_anyInput)
        {
            AddInput("{}", events);
        }
        else if (_signature.Length > 0)
        {
            events.Add(Make(StreamEventKind.Signature) with { Text = _signature.ToString(), Name = Redacted ? StreamEvent.Redacted : null });
        }
        events.Add(Make(StreamEventKind.PartEnd));
    }

    private StreamEvent Make(StreamEventKind kind) => new(kind) { Part = part, PartKind = Kind };

    private void AddText(string? text, List<StreamEvent> events)
    {
        if (!string.IsNullOrEmpty(text))
        {
            events.Add(Make(StreamEventKind.Delta) with { Text = text });
        }
    }

    private void AddInput(string? json, List<StreamEvent> events)
    {
        _anyInput |= !string.IsNullOrEmpty(json);
        AddText(json, events);
    }

    private void AddCitation(JsonElement citation, List<StreamEvent> events)
    {
        if (citation.ValueKind == JsonValueKind.Object)
        {
            events.Add(Make(StreamEventKind.Citation) with { Citation = AnthropicCitations.ReadOne(citation) });
        }
    }

    private void AddFields(string deltaType, JsonElement delta)
    {
        foreach (JsonProperty field in delta.EnumerateObject().Where(f => f.Name != "type" && f.Value.ValueKind == JsonValueKind.String && f.Value.GetString()!.Length > 0))
        {
            string name = deltaType == "input_json_delta" ? "input" : field.Name;
            if (!_fields.TryGetValue(name, out StringBuilder? text))
            {
                _fields.Add(name, text = new StringBuilder());
            }
            Hold(text, field.Value.GetString());
        }
    }

    private void Hold(StringBuilder text, string? more)
    {
        _held += more?.Length ?? 0;
        if (_held > MostHeld)
        {
            throw new GenerationFormatException($"A block of the type {type} is larger than {MostHeld} characters.");
        }
        text.Append(more);
    }

    private JsonElement Whole()
    {
        if (_fields.Count == 0)
        {
            return start;
        }
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in start.EnumerateObject().Where(p => !_fields.ContainsKey(p.Name)))
            {
                property.WriteTo(writer);
            }
            foreach ((string name, StringBuilder text) in _fields)
            {
                writer.WritePropertyName(name);
                JsonElement input = name == "input" ? JsonFields.TryParse(text.ToString()) : default;
                if (input.ValueKind == JsonValueKind.Undefined)
                {
                    writer.WriteStringValue(text.ToString());
                }
                else
                {
                    input.WriteTo(writer);
                }
            }
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
