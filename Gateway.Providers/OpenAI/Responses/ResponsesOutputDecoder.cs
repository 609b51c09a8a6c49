using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Reads the events of a stream that are about its output items.</summary>
internal sealed class ResponsesOutputDecoder
{
    private readonly PartTracker _tracker = new(0);
    private readonly Dictionary<long, ResponsesOutputItem> _items = [];
    private (long Item, int Content) _open = (-1, -1);
    private long _last;
    private bool _text;
    private bool _refused;

    public bool AnyCalls => _tracker.AnyCalls;

    /// <summary>A refusal came, and no text.</summary>
    public bool OnlyRefused => _refused && !_text;

    public void Read(string type, JsonElement json, List<StreamEvent> events)
    {
        long index = json.Whole("output_index") ?? _last;
        switch (type)
        {
            case "response.output_item.added" when json.Has("item", out JsonElement item):
                Add(index, item, events);
                break;
            case "response.output_item.done" when json.Has("item", out JsonElement item):
                Finish(index, item, events);
                break;
            case "response.output_text.delta":
                Content(PartKind.Text, index, json, json.Text("delta"), events);
                AddLogprobs(json, events);
                break;
            case "response.output_text.annotation.added" when json.Has("annotation", out JsonElement annotation):
                Cite(index, json, annotation, events);
                break;
            case "response.refusal.delta":
                Content(PartKind.Refusal, index, json, json.Text("delta"), events);
                break;
            case "response.reasoning_text.delta" or "response.reasoning.delta":
                Think(index, json, summarised: false, events);
                break;
            case "response.reasoning_summary_text.delta" or "response.reasoning_summary.delta":
                Think(index, json, summarised: true, events);
                break;
            case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                Argue(index, json.Text("delta"), events);
                break;
        }
        _last = index;
    }

    /// <summary>Adds what the finished answer holds and no event told, and ends what is open.</summary>
    public void Complete(JsonElement response, List<StreamEvent> events)
    {
        // Some servers tell nothing before the end; where something was told, what is missing is told by its number.
        bool untold = _items.Count == 0;
        long index = 0;
        foreach (JsonElement item in response.Items("output"))
        {
            if (untold || _items.ContainsKey(index))
            {
                Finish(index, item, events);
            }
            index++;
        }
        _tracker.EndAll(events);
    }

    private ResponsesOutputItem Of(long index)
    {
        if (!_items.TryGetValue(index, out ResponsesOutputItem? item))
        {
            _items.Add(index, item = new ResponsesOutputItem());
        }
        return item;
    }

    private void Add(long index, JsonElement json, List<StreamEvent> events)
    {
        ResponsesOutputItem item = Of(index);
        item.Id = json.Text("id");
        if (json.Text("type") is "function_call" or "custom_tool_call")
        {
            StartCall(item, json, events);
        }
    }

    private void StartCall(ResponsesOutputItem item, JsonElement json, List<StreamEvent> events)
    {
        if (item.Call < 0)
        {
            item.Custom = json.Text("type") == "custom_tool_call";
            item.Call = _tracker.StartCall(json.Text("call_id") ?? json.Text("id") ?? "", ResponsesToolName.Read(json), events);
            _open = (-1, -1);
        }
    }

    private void Argue(long index, string? delta, List<StreamEvent> events)
    {
        ResponsesOutputItem item = Of(index);
        // A custom tool's input becomes one JSON string, which is written when it is whole.
        if (item.Call >= 0 && !item.Done && !item.Custom && delta is { Length: > 0 })
        {
            item.Seen = true;
            events.Add(new StreamEvent(StreamEventKind.Delta) { Part = item.Call, PartKind = PartKind.ToolCall, Text = delta });
        }
    }

    /// <summary>Makes the right part the open one and adds to it.</summary>
    private void Content(PartKind kind, long index, JsonElement json, string? delta, List<StreamEvent> events)
    {
        if (delta is not { Length: > 0 })
        {
            return;
        }
        ResponsesOutputItem item = Of(index);
        Open(kind, (index, json.Whole32("content_index") ?? 0), item, events);
        item.Seen = true;
        _text |= kind == PartKind.Text;
        _refused |= kind == PartKind.Refusal;
        events.Add(new StreamEvent(StreamEventKind.Delta) { Part = _tracker.Current, PartKind = kind, Text = delta });
    }

    private void Open(PartKind kind, (long Item, int Content) key, ResponsesOutputItem item, List<StreamEvent> events, string? name = null)
    {
        if (_open != key || _tracker.OpenKind != kind)
        {
            _tracker.EndAll(events);
            _open = key;
        }
        _tracker.Continue(kind, events, kind == PartKind.Reasoning ? item.Id : null, name);
    }

    private void Think(long index, JsonElement json, bool summarised, List<StreamEvent> events)
    {
        ResponsesOutputItem item = Of(index);
        item.Summarised ??= summarised;
        if (item.Summarised != summarised || json.Text("delta") is not { Length: > 0 } delta)
        {
            return;
        }
        // All of an item's summaries are one part; they are apart by an empty line, as in a whole answer.
        Open(PartKind.Reasoning, (index, 0), item, events);
        int content = json.Whole32("summary_index") ?? json.Whole32("content_index") ?? 0;
        bool next = summarised && item.Content >= 0 && item.Content != content;
        (item.Content, item.Seen) = (content, true);
        events.Add(new StreamEvent(StreamEventKind.Delta) { Part = _tracker.Current, PartKind = PartKind.Reasoning, Text = next ? "\n\n" + delta : delta });
    }

    private void Cite(long index, JsonElement json, JsonElement annotation, List<StreamEvent> events)
    {
        Open(PartKind.Text, (index, json.Whole32("content_index") ?? 0), Of(index), events);
        events.Add(new StreamEvent(StreamEventKind.Citation)
        {
            Part = _tracker.Current,
            PartKind = PartKind.Text,
            Citation = ResponsesContentReader.ReadAnnotation(annotation),
        });
    }

    private static void AddLogprobs(JsonElement json, List<StreamEvent> events)
    {
        if (json.Has("logprobs", out JsonElement logprobs) && logprobs.ValueKind == JsonValueKind.Array && logprobs.GetArrayLength() > 0)
        {
            events.Add(new StreamEvent(StreamEventKind.Logprobs) { Json = ResponsesResponseReader.Wrap(logprobs.EnumerateArray()) });
        }
    }

    /// <summary>An item is whole: passes on what was not streamed of it.</summary>
    private void Finish(long index, JsonElement json, List<StreamEvent> events)
    {
        ResponsesOutputItem item = Of(index);
        if (item.Done)
        {
            return;
        }
        item.Done = true;
        item.Id ??= json.Text("id");
        List<Part> parts = [];
        ResponsesItemReader.Read(json, parts);
        foreach (Part part in parts)
        {
            FinishPart(index, item, json, part, events);
        }
        if (item.Call < 0)
        {
            _tracker.EndAll(events);
            _open = (-1, -1);
        }
    }

    private void FinishPart(long index, ResponsesOutputItem item, JsonElement json, Part part, List<StreamEvent> events)
    {
        switch (part)
        {
            case ToolCallPart call:
                StartCall(item, json, events);
                if (!item.Seen && call.ArgumentsJson.Length > 0)
                {
                    events.Add(new StreamEvent(StreamEventKind.Delta) { Part = item.Call, PartKind = PartKind.ToolCall, Text = call.ArgumentsJson });
                }
                _tracker.EndCall(item.Call, events);
                break;
            case ReasoningPart reasoning:
                FinishReasoning(index, item, reasoning, events);
                break;
            case TextPart text when !item.Seen:
                WholeContent(PartKind.Text, index, item, text.Text, events);
                foreach (Citation citation in text.Citations)
                {
                    events.Add(new StreamEvent(StreamEventKind.Citation) { Part = _tracker.Current, PartKind = PartKind.Text, Citation = citation });
                }
                break;
            case RefusalPart refusal when !item.Seen:
                WholeContent(PartKind.Refusal, index, item, refusal.Text, events);
                break;
            case MediaPart { Source.Data: { } data } media:
                _tracker.EndAll(events);
                int number = _tracker.Continue(PartKind.Media, events);
                events.Add(new StreamEvent(StreamEventKind.Media) { Part = number, PartKind = PartKind.Media, Text = data, Name = media.Source.MediaType });
                break;
            case OpaquePart opaque:
                _tracker.AddOpaque(opaque.Type, opaque.Json, events);
                break;
        }
    }

    // Each part of a message that was not streamed is a part of its own.
    private void WholeContent(PartKind kind, long index, ResponsesOutputItem item, string text, List<StreamEvent> events)
    {
        Open(kind, (index, ++item.Content), item, events);
        _text |= kind == PartKind.Text && text.Length > 0;
        _refused |= kind == PartKind.Refusal;
        if (text.Length > 0)
        {
            events.Add(new StreamEvent(StreamEventKind.Delta) { Part = _tracker.Current, PartKind = kind, Text = text });
        }
    }

    private void FinishReasoning(long index, ResponsesOutputItem item, ReasoningPart reasoning, List<StreamEvent> events)
    {
        Open(PartKind.Reasoning, (index, 0), item, events, reasoning.Redacted ? StreamEvent.Redacted : null);
        if (!item.Seen && reasoning.Text.Length > 0)
        {
            events.Add(new StreamEvent(StreamEventKind.Delta) { Part = _tracker.Current, PartKind = PartKind.Reasoning, Text = reasoning.Text });
        }
        if (reasoning.Signature is { } signature)
        {
            events.Add(new StreamEvent(StreamEventKind.Signature)
            {
                Part = _tracker.Current,
                PartKind = PartKind.Reasoning,
                Text = signature,
                Name = reasoning.Redacted ? StreamEvent.Redacted : null,
            });
        }
    }
}
