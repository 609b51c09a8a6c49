using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Bedrock.EventStream;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Reads a ConverseStream. Blocks are numbered and end by themselves; only those of tools announce their start.</summary>
internal sealed class ConverseStreamDecoder : StreamDecoder
{
    private readonly PartTracker _parts = new(0);
    private readonly Dictionary<int, int> _calls = [];
    private readonly Dictionary<int, ConverseOpaqueBlock> _opaque = [];
    private bool _started;
    private bool _finished;
    private bool _ended;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events)
    {
        if (_ended || data.IsEmpty)
        {
            return;
        }
        JsonElement json = JsonFields.Parse(data);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("An event of the stream is no JSON object.");
        }
        if (eventName.SequenceEqual(EventStreamFraming.Exception))
        {
            _ended = true;
            events.Add(new StreamEvent(StreamEventKind.Error) { Json = ConverseErrors.WithCode(json) });
            return;
        }
        if (!_started)
        {
            _started = true;
            events.Add(new StreamEvent(StreamEventKind.Start));
        }
        int index = json.Whole32("contentBlockIndex") ?? 0;
        switch (Encoding.UTF8.GetString(eventName))
        {
            case "contentBlockStart" when json.Has("start", out JsonElement start):
                StartBlock(index, start, events);
                break;
            case "contentBlockDelta" when json.Has("delta", out JsonElement delta):
                ReadDelta(index, delta, events);
                break;
            case "contentBlockStop":
                StopBlock(index, events);
                break;
            case "messageStop":
                Finish(json, events);
                break;
            case "metadata":
                ReadMetadata(json, events);
                break;
        }
    }

    /// <inheritdoc/>
    public override void Complete(List<StreamEvent> events)
    {
        // Counts come last; a stream that was finished is whole without them.
        if (_finished && !_ended)
        {
            _ended = true;
            events.Add(new StreamEvent(StreamEventKind.End));
        }
    }

    private void StartBlock(int index, JsonElement start, List<StreamEvent> events)
    {
        if (start.Has("toolUse", out JsonElement call) && call.Text("type") is null or "tool_use")
        {
            _calls[index] = _parts.StartCall(call.Text("toolUseId") ?? "", call.Text("name") ?? "", events);
        }
        else if (call.ValueKind == JsonValueKind.Object)
        {
            _opaque[index] = new ConverseOpaqueBlock("toolUse", call);
        }
        else if (start.Has("toolResult", out JsonElement result) && result.ValueKind == JsonValueKind.Object)
        {
            _opaque[index] = new ConverseOpaqueBlock("toolResult", result);
        }
        // The start of a text, which some servers send, says nothing.
    }

    private void ReadDelta(int index, JsonElement delta, List<StreamEvent> events)
    {
        if (_opaque.TryGetValue(index, out ConverseOpaqueBlock? opaque))
        {
            opaque.Add(delta);
        }
        else if (delta.Text("text") is { } text)
        {
            Add(PartKind.Text, StreamEventKind.Delta, text, events);
        }
        else if (delta.Has("toolUse", out JsonElement call))
        {
            if (_calls.TryGetValue(index, out int part) && call.Text("input") is { Length: > 0 } input)
            {
                events.Add(new StreamEvent(StreamEventKind.Delta) { Part = part, PartKind = PartKind.ToolCall, Text = input });
            }
        }
        else if (delta.Has("reasoningContent", out JsonElement reasoning))
        {
            ReadReasoning(reasoning, events);
        }
        else if (delta.Has("citation", out JsonElement citation))
        {
            int part = _parts.Continue(PartKind.Text, events);
            events.Add(new StreamEvent(StreamEventKind.Citation) { Part = part, PartKind = PartKind.Text, Citation = ConverseBlockReader.ReadCitation(citation) });
        }
    }

    private void ReadReasoning(JsonElement reasoning, List<StreamEvent> events)
    {
        if (reasoning.Text("redactedContent") is { } redacted)
        {
            int part = _parts.StartRedacted(events);
            events.Add(new StreamEvent(StreamEventKind.Signature) { Part = part, PartKind = PartKind.Reasoning, Name = StreamEvent.Redacted, Text = redacted });
            return;
        }
        if (reasoning.Text("text") is { Length: > 0 } text)
        {
            Add(PartKind.Reasoning, StreamEventKind.Delta, text, events);
        }
        if (reasoning.Text("signature") is { Length: > 0 } signature)
        {
            Add(PartKind.Reasoning, StreamEventKind.Signature, signature, events);
        }
    }

    private void Add(PartKind kind, StreamEventKind what, string text, List<StreamEvent> events)
    {
        int part = _parts.Continue(kind, events);
        events.Add(new StreamEvent(what) { Part = part, PartKind = kind, Text = text });
    }

    private void StopBlock(int index, List<StreamEvent> events)
    {
        if (_calls.Remove(index, out int call))
        {
            _parts.EndCall(call, events);
        }
        else if (_opaque.Remove(index, out ConverseOpaqueBlock? opaque))
        {
            _parts.AddOpaque(opaque.Type, opaque.ToJson(), events);
        }
        else
        {
            _parts.EndAll(events);
        }
    }

    private void Finish(JsonElement json, List<StreamEvent> events)
    {
        if (_finished)
        {
            return;
        }
        _finished = true;
        _parts.EndAll(events);
        string? reason = json.Text("stopReason");
        events.Add(new StreamEvent(StreamEventKind.Finish)
        {
            Finish = ConverseFinish.Read(reason, _parts.AnyCalls),
            Name = reason,
            Text = ConverseResponseReader.StopSequenceOf(json),
        });
    }

    private void ReadMetadata(JsonElement json, List<StreamEvent> events)
    {
        if (json.Has("usage", out JsonElement usage) && ConverseUsage.Read(usage) is { Source: Core.Accounting.UsageSource.Reported } counts)
        {
            events.Add(new StreamEvent(StreamEventKind.Usage) { Usage = counts });
        }
        Complete(events);
    }
}
