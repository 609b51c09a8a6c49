using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads a Messages stream. Its blocks are marked and follow one another; whatever a server does otherwise is put in order.</summary>
internal sealed class AnthropicStreamDecoder(ConversionNotes notes) : StreamDecoder
{
    private readonly SortedDictionary<long, AnthropicOpenBlock> _open = [];
    private JsonElement _message;
    private Usage _usage;
    private int _next;
    private bool _started;
    private bool _anyCalls;
    private bool _finished;
    private bool _over;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events)
    {
        if (data.IsEmpty || _over)
        {
            return;
        }
        JsonElement json = JsonFields.Parse(data);
        switch (json.Text("type") ?? Encoding.UTF8.GetString(eventName))
        {
            case "message_start":
                ReadStart(json, events);
                break;
            case "content_block_start":
                StartBlock(json, events);
                break;
            case "content_block_delta":
                if (json.Has("delta", out JsonElement delta) && _open.TryGetValue(json.Whole("index") ?? 0, out AnthropicOpenBlock? block))
                {
                    block.Add(delta, events);
                }
                break;
            case "content_block_stop":
                EndBlock(json.Whole("index") ?? 0, events);
                break;
            case "message_delta":
                ReadEnd(json, events);
                break;
            case "message_stop":
                Finish(_message, events);
                events.Add(new StreamEvent(StreamEventKind.End));
                _over = true;
                break;
            case "error":
                Start(default, events);
                events.Add(new StreamEvent(StreamEventKind.Error) { Json = json.Has("error", out JsonElement error) ? error : json });
                _over = true;
                break;
        }
    }

    /// <inheritdoc/>
    public override void Complete(List<StreamEvent> events)
    {
        // message_stop is the wire's own sign; without it the stream broke off.
    }

    private void ReadStart(JsonElement json, List<StreamEvent> events)
    {
        json.Has("message", out JsonElement message);
        Start(message, events);
        if (message.Has("usage", out JsonElement usage))
        {
            ReadUsage(usage, events);
        }
        // A turn that code in Anthropic's container goes on with calls its tools at once: whole, in the message's beginning.
        _message = message;
        foreach (JsonElement content in message.Items("content").Where(c => c.Text("type") is not null))
        {
            AddBlock(_next, content, events);
            EndBlock(_next - 1, events);
        }
    }

    private void Start(JsonElement message, List<StreamEvent> events)
    {
        if (!_started)
        {
            _started = true;
            events.Add(new StreamEvent(StreamEventKind.Start) { Id = message.Text("id"), Name = message.Text("model") });
        }
    }

    private void ReadUsage(JsonElement usage, List<StreamEvent> events)
    {
        _usage = AnthropicUsage.Read(usage, _usage);
        events.Add(new StreamEvent(StreamEventKind.Usage) { Usage = _usage });
    }

    private void StartBlock(JsonElement json, List<StreamEvent> events)
    {
        if (!_finished && json.Has("content_block", out JsonElement content) && content.Text("type") is not null)
        {
            Start(default, events);
            AddBlock(json.Whole("index") ?? 0, content, events);
        }
    }

    private void AddBlock(long index, JsonElement content, List<StreamEvent> events)
    {
        string type = content.Text("type")!;
        EndBlock(index, events);
        foreach (long other in _open.Where(b => type != "tool_use" || b.Value.Kind != PartKind.ToolCall).Select(b => b.Key).ToArray())
        {
            EndBlock(other, events);
        }
        var block = new AnthropicOpenBlock(_next++, type, content);
        _anyCalls |= block.Kind == PartKind.ToolCall;
        _open.Add(index, block);
        block.Start(events);
    }

    private void EndBlock(long index, List<StreamEvent> events)
    {
        if (_open.Remove(index, out AnthropicOpenBlock? block))
        {
            block.End(events);
        }
    }

    private void ReadEnd(JsonElement json, List<StreamEvent> events)
    {
        Start(default, events);
        if (json.Has("usage", out JsonElement usage))
        {
            ReadUsage(usage, events);
        }
        if (json.Has("delta", out JsonElement delta))
        {
            if (delta.Has("container", out _))
            {
                notes.Lose("container", "A translated stream does not name the container that code ran in.");
            }
            if (delta.Text("stop_reason") is not null)
            {
                Finish(delta, events);
            }
        }
    }

    private void Finish(JsonElement delta, List<StreamEvent> events)
    {
        if (_finished)
        {
            return;
        }
        Start(default, events);
        foreach (long index in _open.Keys.ToArray())
        {
            EndBlock(index, events);
        }
        _finished = true;
        string? reason = delta.Text("stop_reason");
        events.Add(new StreamEvent(StreamEventKind.Finish)
        {
            Finish = AnthropicFinish.Read(reason ?? "end_turn", _anyCalls),
            Name = reason,
            Text = delta.Text("stop_sequence"),
        });
    }
}
