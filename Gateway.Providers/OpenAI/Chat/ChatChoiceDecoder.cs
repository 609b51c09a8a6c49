using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>One choice of a Chat stream.</summary>
internal sealed class ChatChoiceDecoder(int index)
{
    private readonly PartTracker _parts = new(index);
    private readonly List<ChatCallDecoder> _calls = [];
    private string? _signature;

    public bool Finished { get; private set; }

    public void Read(JsonElement choice, IReadOnlyList<Citation> citations, List<StreamEvent> events)
    {
        if (Finished)
        {
            return;
        }
        if (choice.Has("delta", out JsonElement delta) || choice.Has("message", out delta))
        {
            ReadDelta(delta, events);
        }
        if (choice.Has("logprobs", out JsonElement logprobs) && logprobs.ValueKind == JsonValueKind.Object)
        {
            events.Add(new StreamEvent(StreamEventKind.Logprobs) { Choice = index, Json = logprobs });
        }
        if (choice.Text("finish_reason") is { } reason)
        {
            Finish(reason, citations, events);
        }
    }

    public void Finish(string? reason, IReadOnlyList<Citation> citations, List<StreamEvent> events)
    {
        if (Finished)
        {
            return;
        }
        Finished = true;
        if (citations.Count > 0 && _parts.OpenKind == PartKind.Text)
        {
            foreach (Citation citation in citations)
            {
                events.Add(new StreamEvent(StreamEventKind.Citation) { Choice = index, Part = _parts.Current, PartKind = PartKind.Text, Citation = citation });
            }
        }
        _parts.EndAll(events);
        events.Add(new StreamEvent(StreamEventKind.Finish) { Choice = index, Finish = ChatFinish.Read(reason, _parts.AnyCalls), Name = reason });
    }

    private void ReadDelta(JsonElement delta, List<StreamEvent> events)
    {
        ReadReasoning(delta, events);
        if (delta.Has("content", out JsonElement content))
        {
            ReadContent(content, events);
        }
        Add(PartKind.Refusal, delta.Text("refusal"), events);
        foreach (JsonElement annotation in delta.Items("annotations"))
        {
            int part = _parts.Continue(PartKind.Text, events);
            events.Add(new StreamEvent(StreamEventKind.Citation)
            {
                Choice = index,
                Part = part,
                PartKind = PartKind.Text,
                Citation = ChatParts.ReadAnnotation(annotation),
            });
        }
        if (delta.Has("audio", out JsonElement audio))
        {
            ReadAudio(audio, events);
        }
        foreach (JsonElement call in delta.Items("tool_calls"))
        {
            ReadCall(call, events);
        }
        if (delta.Has("function_call", out JsonElement old))
        {
            ReadOldCall(old, events);
        }
    }

    // Mistral streams lists of parts.
    private void ReadContent(JsonElement content, List<StreamEvent> events)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            Add(PartKind.Text, content.GetString(), events);
            return;
        }
        if (content.ValueKind != JsonValueKind.Array)
        {
            return;
        }
        foreach (Part part in content.EnumerateArray().Select(ChatParts.ReadPart))
        {
            switch (part)
            {
                case TextPart text:
                    Add(PartKind.Text, text.Text, events);
                    break;
                case ReasoningPart thought:
                    Add(PartKind.Reasoning, thought.Text, events);
                    break;
                case OpaquePart opaque:
                    _parts.AddOpaque(opaque.Type, opaque.Json, events);
                    break;
            }
        }
    }

    private void ReadReasoning(JsonElement delta, List<StreamEvent> events)
    {
        string? text = delta.Text("reasoning_content") ?? delta.Text("reasoning");
        List<JsonElement> details = [.. delta.Items("reasoning_details")];
        text ??= string.Concat(details.Select(d => d.Text("text") ?? d.Text("summary")));
        Add(PartKind.Reasoning, text, events);
        foreach (JsonElement detail in details)
        {
            string? signature = detail.Text("signature") ?? detail.Text("data");
            if (!string.IsNullOrEmpty(signature) && signature != _signature)
            {
                _signature = signature;
                int part = _parts.Continue(PartKind.Reasoning, events);
                events.Add(new StreamEvent(StreamEventKind.Signature) { Choice = index, Part = part, PartKind = PartKind.Reasoning, Text = signature });
            }
        }
    }

    private void ReadAudio(JsonElement audio, List<StreamEvent> events)
    {
        int part = _parts.Continue(PartKind.Media, events);
        if (audio.Text("data") is { Length: > 0 } data)
        {
            events.Add(new StreamEvent(StreamEventKind.Media) { Choice = index, Part = part, PartKind = PartKind.Media, Text = data, Name = "audio/pcm" });
        }
        if (audio.Text("transcript") is { Length: > 0 } words)
        {
            events.Add(new StreamEvent(StreamEventKind.Delta) { Choice = index, Part = part, PartKind = PartKind.Media, Text = words });
        }
    }

    private void ReadCall(JsonElement call, List<StreamEvent> events)
    {
        int? number = call.Whole32("index");
        string? id = call.Text("id") is { Length: > 0 } given ? given : null;
        call.Has("function", out JsonElement function);
        string? name = function.Text("name") is { Length: > 0 } named ? named : null;
        string? signature = ChatReasoning.GoogleSignature(call);
        ChatCallDecoder? found = FindCall(number, id, name);
        if (found is null)
        {
            string callId = id ?? $"call_{index}_{_calls.Count}";
            found = new ChatCallDecoder(number, id, _parts.StartCall(callId, name ?? "", events, signature));
            _calls.Add(found);
            signature = null;
        }
        if (ChatMessageReader.ArgumentsOf(function) is { Length: > 0 } arguments)
        {
            events.Add(new StreamEvent(StreamEventKind.Delta) { Choice = index, Part = found.Part, PartKind = PartKind.ToolCall, Text = arguments });
        }
        if (signature is not null)
        {
            events.Add(new StreamEvent(StreamEventKind.Signature) { Choice = index, Part = found.Part, PartKind = PartKind.ToolCall, Text = signature });
        }
    }

    // Servers number calls, or name them, or do neither; some give every call the number 0.
    private ChatCallDecoder? FindCall(int? number, string? id, string? name)
    {
        if (number is not null)
        {
            ChatCallDecoder? numbered = _calls.FindLast(c => c.Number == number);
            bool another = numbered is not null && id is not null && id != numbered.Id && name is not null;
            return another ? null : numbered;
        }
        return id is not null ? _calls.FindLast(c => c.Id == id && name is null)
            : name is not null ? null
            : _calls.LastOrDefault();
    }

    private void ReadOldCall(JsonElement old, List<StreamEvent> events)
    {
        if (_calls.Count == 0)
        {
            string name = old.Text("name") ?? "";
            _calls.Add(new ChatCallDecoder(0, null, _parts.StartCall(ChatMessageReader.OldId(name), name, events)));
        }
        if (ChatMessageReader.ArgumentsOf(old) is { Length: > 0 } arguments)
        {
            events.Add(new StreamEvent(StreamEventKind.Delta) { Choice = index, Part = _calls[0].Part, PartKind = PartKind.ToolCall, Text = arguments });
        }
    }

    private void Add(PartKind kind, string? text, List<StreamEvent> events)
    {
        if (!string.IsNullOrEmpty(text))
        {
            int part = _parts.Continue(kind, events);
            events.Add(new StreamEvent(StreamEventKind.Delta) { Choice = index, Part = part, PartKind = kind, Text = text });
        }
    }
}
