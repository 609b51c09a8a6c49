using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Gemini;

/// <summary>Reads one candidate of a stream.</summary>
internal sealed class GeminiChoiceDecoder(int index, GeminiCallIds ids)
{
    private readonly PartTracker _tracker = new(index);
    private readonly GeminiPartReader _reader = new(ids);
    private readonly List<Part> _read = [];
    // The open text part, for sources: Google counts its bytes, we its characters.
    private readonly StringBuilder _text = new();
    private GeminiPartialCall? _partial;
    private int _textPart = -1;
    private string? _reason;
    private bool _blocked;

    public bool Finished => _reason is not null;

    public void Block(string reason) => (_reason, _blocked) = (reason, true);

    public void Read(JsonElement candidate, List<StreamEvent> events)
    {
        if (candidate.Get("content", out JsonElement content))
        {
            foreach (JsonElement part in content.GetItems("parts"))
            {
                ReadPart(part, events);
            }
        }
        if (GeminiCitations.Any(candidate))
        {
            foreach ((int _, Citation citation) in GeminiCitations.Read(candidate, [_text.ToString()]))
            {
                AddCitation(citation, events);
            }
        }
        if (GeminiLogprobs.Read(candidate) is { ValueKind: JsonValueKind.Object } logprobs)
        {
            events.Add(new StreamEvent(StreamEventKind.Logprobs) { Choice = index, Json = logprobs });
        }
        _reason = candidate.GetText("finishReason") ?? _reason;
    }

    private void ReadPart(JsonElement part, List<StreamEvent> events)
    {
        if (part.Get("functionCall", out JsonElement call) && (GeminiPartialCall.IsOne(call) || _partial is not null))
        {
            ReadPartial(call, part.GetText("thoughtSignature"), events);
            return;
        }
        _read.Clear();
        _reader.Read(part, _read);
        foreach (Part read in _read)
        {
            Emit(read, events);
        }
    }

    private void Emit(Part part, List<StreamEvent> events)
    {
        switch (part)
        {
            case TextPart text:
                Continue(PartKind.Text, events);
                Add(StreamEventKind.Delta, PartKind.Text, text.Text, events);
                _text.Append(text.Text);
                Sign(PartKind.Text, text.Signature, events);
                break;
            case ReasoningPart { Text.Length: 0 } last when _tracker.Current >= 0 && _tracker.Current == _textPart:
                Sign(PartKind.Text, last.Signature, events);
                break;
            case ReasoningPart thought:
                Continue(PartKind.Reasoning, events);
                Add(StreamEventKind.Delta, PartKind.Reasoning, thought.Text, events);
                if (thought.Signature is not null)
                {
                    Sign(PartKind.Reasoning, thought.Signature, events);
                    _tracker.EndAll(events);
                }
                break;
            case ToolCallPart call:
                EndCall(_tracker.StartCall(call.Id, call.Name, events, call.Signature), call.ArgumentsJson, events);
                break;
            case MediaPart { Source.Data: { } data } media:
                Continue(PartKind.Media, events);
                events.Add(new StreamEvent(StreamEventKind.Media)
                {
                    Choice = index,
                    Part = _tracker.Current,
                    PartKind = PartKind.Media,
                    Text = data,
                    Name = GeminiMedia.TypeOf(media),
                });
                Sign(PartKind.Media, media.Signature, events);
                _tracker.EndAll(events);
                break;
            case OpaquePart opaque:
                _tracker.AddOpaque(opaque.Type, opaque.Json, events);
                break;
        }
    }

    private void Continue(PartKind kind, List<StreamEvent> events)
    {
        int before = _tracker.Current;
        int now = _tracker.Continue(kind, events);
        if (kind == PartKind.Text && (now != before || now != _textPart))
        {
            _textPart = now;
            _text.Clear();
        }
    }

    private void Add(StreamEventKind kind, PartKind part, string? text, List<StreamEvent> events)
    {
        if (!string.IsNullOrEmpty(text))
        {
            events.Add(new StreamEvent(kind) { Choice = index, Part = _tracker.Current, PartKind = part, Text = text });
        }
    }

    private void Sign(PartKind part, string? signature, List<StreamEvent> events) => Add(StreamEventKind.Signature, part, signature, events);

    private void EndCall(int number, string arguments, List<StreamEvent> events)
    {
        events.Add(new StreamEvent(StreamEventKind.Delta) { Choice = index, Part = number, PartKind = PartKind.ToolCall, Text = arguments });
        _tracker.EndCall(number, events);
    }

    private void ReadPartial(JsonElement call, string? signature, List<StreamEvent> events)
    {
        if (call.GetText("name") is { } name)
        {
            EndPartial(events);
            _partial = new GeminiPartialCall(_tracker.StartCall(ids.Call(call.GetText("id"), name), name, events, signature));
        }
        _partial?.Add(call);
        if (call.GetFlag("willContinue") != true)
        {
            EndPartial(events);
        }
    }

    private void EndPartial(List<StreamEvent> events)
    {
        if (_partial is { } partial)
        {
            _partial = null;
            EndCall(partial.Part, partial.ToJson(), events);
        }
    }

    private void AddCitation(Citation citation, List<StreamEvent> events)
    {
        Continue(PartKind.Text, events);
        events.Add(new StreamEvent(StreamEventKind.Citation) { Choice = index, Part = _tracker.Current, PartKind = PartKind.Text, Citation = citation });
    }

    public void End(List<StreamEvent> events)
    {
        EndPartial(events);
        _tracker.EndAll(events);
        events.Add(new StreamEvent(StreamEventKind.Finish)
        {
            Choice = index,
            Finish = _blocked ? FinishReason.ContentFilter : GeminiFinish.Read(_reason, _tracker.AnyCalls),
            Name = _reason,
        });
    }
}
