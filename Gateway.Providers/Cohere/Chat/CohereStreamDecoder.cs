using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Reads a chat stream: what each event is stands in its <c>type</c>.</summary>
internal sealed class CohereStreamDecoder : StreamDecoder
{
    private readonly PartTracker _parts = new(0);
    private readonly Dictionary<int, int> _calls = [];
    private bool _started;
    private bool _ended;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events)
    {
        if (_ended || data.IsEmpty || data.SequenceEqual("[DONE]"u8))
        {
            return;
        }
        JsonElement json = JsonFields.Parse(data);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("An event of the stream is no JSON object.");
        }
        string? type = json.Text("type");
        if (type is null)
        {
            // An error's body in place of an event.
            Fail(json, events);
            return;
        }
        if (!_started)
        {
            _started = true;
            events.Add(new StreamEvent(StreamEventKind.Start) { Id = json.Text("id") });
        }
        json.Has("delta", out JsonElement delta);
        delta.Has("message", out JsonElement message);
        ReadEvent(type, json.Whole32("index") ?? 0, delta, message, events);
    }

    /// <inheritdoc/>
    public override void Complete(List<StreamEvent> events)
    {
        // message-end is the only sign of the end.
    }

    private void ReadEvent(string type, int index, JsonElement delta, JsonElement message, List<StreamEvent> events)
    {
        switch (type)
        {
            case "content-start" or "content-delta" when message.Has("content", out JsonElement content):
                Add(PartKind.Reasoning, content.Text("thinking"), events);
                Add(PartKind.Text, content.Text("text"), events);
                break;
            case "content-end":
                _parts.EndAll(events);
                break;
            case "tool-plan-delta":
                Add(PartKind.Reasoning, message.Text("tool_plan"), events);
                break;
            case "tool-call-start" when message.Has("tool_calls", out JsonElement call):
                call.Has("function", out JsonElement started);
                _calls[index] = _parts.StartCall(call.Text("id") ?? "", started.Text("name") ?? "", events);
                AddArguments(index, started, events);
                break;
            case "tool-call-delta" when message.Has("tool_calls", out JsonElement call) && call.Has("function", out JsonElement more):
                AddArguments(index, more, events);
                break;
            case "tool-call-end" when _calls.Remove(index, out int part):
                _parts.EndCall(part, events);
                break;
            case "citation-start" when message.Has("citations", out JsonElement citation):
                int text = _parts.Continue(PartKind.Text, events);
                events.Add(new StreamEvent(StreamEventKind.Citation) { Part = text, PartKind = PartKind.Text, Citation = CohereParts.ReadCitation(citation) });
                break;
            case "message-end":
                End(delta, events);
                break;
        }
    }

    private void Add(PartKind kind, string? text, List<StreamEvent> events)
    {
        if (!string.IsNullOrEmpty(text))
        {
            int part = _parts.Continue(kind, events);
            events.Add(new StreamEvent(StreamEventKind.Delta) { Part = part, PartKind = kind, Text = text });
        }
    }

    private void AddArguments(int index, JsonElement function, List<StreamEvent> events)
    {
        if (_calls.TryGetValue(index, out int part) && function.Text("arguments") is { Length: > 0 } arguments)
        {
            events.Add(new StreamEvent(StreamEventKind.Delta) { Part = part, PartKind = PartKind.ToolCall, Text = arguments });
        }
    }

    private void End(JsonElement delta, List<StreamEvent> events)
    {
        string? reason = delta.Text("finish_reason");
        if (CohereFinish.Failed(reason) || delta.Has("error", out _))
        {
            Fail(delta, events);
            return;
        }
        _ended = true;
        _parts.EndAll(events);
        events.Add(new StreamEvent(StreamEventKind.Finish) { Finish = CohereFinish.Read(reason, _parts.AnyCalls), Name = reason });
        if (delta.Has("usage", out JsonElement usage) && CohereUsage.Read(usage) is { Source: UsageSource.Reported } counts)
        {
            events.Add(new StreamEvent(StreamEventKind.Usage) { Usage = counts });
        }
        events.Add(new StreamEvent(StreamEventKind.End));
    }

    private void Fail(JsonElement json, List<StreamEvent> events)
    {
        _ended = true;
        JsonElement error = json.Has("error", out JsonElement inner) && inner.ValueKind is JsonValueKind.Object or JsonValueKind.String ? inner : json;
        events.Add(new StreamEvent(StreamEventKind.Error) { Json = error });
    }
}
