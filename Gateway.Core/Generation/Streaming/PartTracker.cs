namespace Gateway.Core.Generation.Streaming;

/// <summary>Numbers the parts of one choice and keeps the rule that only tool calls overlap, for decoders whose wire marks no beginnings and ends.</summary>
public sealed class PartTracker(int choice)
{
    private readonly List<int> _openCalls = [];
    private PartKind? _kind;
    private int _next;

    /// <summary>The number of the text, reasoning, refusal, media or opaque part that is open; -1 for none.</summary>
    public int Current { get; private set; } = -1;

    /// <summary>What <see cref="Current"/> is; null for none.</summary>
    public PartKind? OpenKind => _kind;

    /// <summary>Any tool call was started: what <see cref="FinishReason.ToolCalls"/> is derived from.</summary>
    public bool AnyCalls { get; private set; }

    /// <summary>Makes the open part one of this kind, ending another and starting a new one where needed.</summary>
    /// <param name="id">The id of a part that is started, where the wire gives it one (a thought's at Responses).</param>
    /// <param name="name">Its name, which for a thought may be <see cref="StreamEvent.Redacted"/>.</param>
    /// <returns>Its number.</returns>
    public int Continue(PartKind kind, List<StreamEvent> events, string? id = null, string? name = null)
    {
        if (_kind != kind)
        {
            EndAll(events);
            Current = _next++;
            _kind = kind;
            events.Add(new StreamEvent(StreamEventKind.PartStart) { Choice = choice, Part = Current, PartKind = kind, Id = id, Name = name });
        }
        return Current;
    }

    /// <summary>Starts a reasoning part that is only there encrypted.</summary>
    /// <returns>Its number, for its signature.</returns>
    public int StartRedacted(List<StreamEvent> events)
    {
        EndAll(events);
        Current = _next++;
        _kind = PartKind.Reasoning;
        events.Add(new StreamEvent(StreamEventKind.PartStart) { Choice = choice, Part = Current, PartKind = PartKind.Reasoning, Name = StreamEvent.Redacted });
        return Current;
    }

    /// <summary>Starts a tool call; others may still be open.</summary>
    /// <param name="signature">What the vendor signed it with; null for nothing, or nothing yet.</param>
    /// <returns>Its number, for its deltas.</returns>
    public int StartCall(string id, string name, List<StreamEvent> events, string? signature = null)
    {
        EndCurrent(events);
        int part = _next++;
        _openCalls.Add(part);
        AnyCalls = true;
        events.Add(new StreamEvent(StreamEventKind.PartStart) { Choice = choice, Part = part, PartKind = PartKind.ToolCall, Id = id, Name = name, Text = signature });
        return part;
    }

    /// <summary>A part that is whole as it comes.</summary>
    public void AddOpaque(string type, System.Text.Json.JsonElement json, List<StreamEvent> events)
    {
        EndAll(events);
        int part = _next++;
        events.Add(new StreamEvent(StreamEventKind.PartStart) { Choice = choice, Part = part, PartKind = PartKind.Opaque, Name = type, Json = json });
        events.Add(new StreamEvent(StreamEventKind.PartEnd) { Choice = choice, Part = part, PartKind = PartKind.Opaque });
    }

    public void EndCall(int part, List<StreamEvent> events)
    {
        if (_openCalls.Remove(part))
        {
            events.Add(new StreamEvent(StreamEventKind.PartEnd) { Choice = choice, Part = part, PartKind = PartKind.ToolCall });
        }
    }

    /// <summary>Ends whatever is open.</summary>
    public void EndAll(List<StreamEvent> events)
    {
        EndCurrent(events);
        while (_openCalls.Count > 0)
        {
            EndCall(_openCalls[0], events);
        }
    }

    private void EndCurrent(List<StreamEvent> events)
    {
        if (_kind is { } kind)
        {
            events.Add(new StreamEvent(StreamEventKind.PartEnd) { Choice = choice, Part = Current, PartKind = kind });
            (_kind, Current) = (null, -1);
        }
    }
}
