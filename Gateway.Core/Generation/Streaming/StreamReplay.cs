using Gateway.Core.Accounting;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation.Streaming;

/// <summary>A whole answer as the events it would have been streamed as: for an upstream that does not stream although it was asked to.</summary>
public static class StreamReplay
{
    /// <summary>All events, from <see cref="StreamEventKind.Start"/> to <see cref="StreamEventKind.End"/>.</summary>
    public static IEnumerable<StreamEvent> Of(GenerationResponse response)
    {
        yield return new StreamEvent(StreamEventKind.Start) { Id = response.Id, Name = response.Model };
        foreach (Candidate candidate in response.Candidates)
        {
            for (int i = 0; i < candidate.Parts.Count; i++)
            {
                foreach (StreamEvent next in Of(candidate.Parts[i], candidate.Index, i))
                {
                    yield return next;
                }
            }
            if (candidate.Logprobs.ValueKind == System.Text.Json.JsonValueKind.Object)
            {
                yield return new StreamEvent(StreamEventKind.Logprobs) { Choice = candidate.Index, Json = candidate.Logprobs };
            }
            yield return new StreamEvent(StreamEventKind.Finish)
            {
                Choice = candidate.Index,
                Finish = candidate.Finish,
                Name = candidate.RawFinish,
                Text = candidate.StopSequence,
            };
        }
        if (response.Usage.Source != UsageSource.None)
        {
            yield return new StreamEvent(StreamEventKind.Usage) { Usage = response.Usage };
        }
        yield return new StreamEvent(StreamEventKind.End);
    }

    private static IEnumerable<StreamEvent> Of(Part part, int choice, int number)
    {
        (PartKind kind, string? text, string? signature) = part switch
        {
            TextPart p => (PartKind.Text, p.Text, p.Signature),
            ReasoningPart p => (PartKind.Reasoning, p.Text, p.Signature),
            ToolCallPart p => (PartKind.ToolCall, p.ArgumentsJson, null),
            RefusalPart p => (PartKind.Refusal, p.Text, null),
            MediaPart p => (PartKind.Media, p.Transcript, p.Signature),
            _ => (PartKind.Opaque, null, null),
        };
        StreamEvent Event(StreamEventKind what) => new(what) { Choice = choice, Part = number, PartKind = kind };
        string? redacted = part is ReasoningPart { Redacted: true } ? StreamEvent.Redacted : null;
        yield return Event(StreamEventKind.PartStart) with
        {
            Id = (part as ToolCallPart)?.Id ?? (part as ReasoningPart)?.Id,
            Name = (part as ToolCallPart)?.Name ?? (part as OpaquePart)?.Type ?? redacted,
            Text = (part as ToolCallPart)?.Signature,
            Json = (part as OpaquePart)?.Json ?? default,
        };
        if (part is MediaPart { Source.Data: { } data } media)
        {
            yield return Event(StreamEventKind.Media) with { Text = data, Name = media.Source.MediaType };
        }
        if (!string.IsNullOrEmpty(text))
        {
            yield return Event(StreamEventKind.Delta) with { Text = text };
        }
        if (signature is not null)
        {
            yield return Event(StreamEventKind.Signature) with { Text = signature, Name = redacted };
        }
        foreach (Citation citation in (part as TextPart)?.Citations ?? [])
        {
            yield return Event(StreamEventKind.Citation) with { Citation = citation };
        }
        yield return Event(StreamEventKind.PartEnd);
    }
}
