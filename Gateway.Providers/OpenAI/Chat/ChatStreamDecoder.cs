using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Reads a Chat stream: one JSON chunk an event, <c>[DONE]</c> at the end, with what compatible servers do otherwise.</summary>
internal sealed class ChatStreamDecoder : StreamDecoder
{
    private readonly SortedDictionary<int, ChatChoiceDecoder> _choices = [];
    private IReadOnlyList<Citation> _citations = [];
    private bool _started;
    private bool _ended;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events)
    {
        if (_ended || data.IsEmpty)
        {
            return;
        }
        if (data.SequenceEqual("[DONE]"u8))
        {
            End(events);
            return;
        }
        JsonElement chunk = JsonFields.Parse(data);
        if (chunk.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("An event of the stream is no JSON object.");
        }
        if (ErrorOf(chunk, eventName) is { } error)
        {
            _ended = true;
            events.Add(new StreamEvent(StreamEventKind.Error) { Json = error });
            return;
        }
        if (!_started)
        {
            _started = true;
            events.Add(new StreamEvent(StreamEventKind.Start) { Id = chunk.Text("id"), Name = chunk.Text("model") });
        }
        if (ChatCitations.OfAnswer(chunk) is { Count: > 0 } citations)
        {
            _citations = citations;
        }
        int position = 0;
        foreach (JsonElement choice in chunk.Items("choices"))
        {
            int index = choice.Whole32("index") ?? position;
            if (!_choices.TryGetValue(index, out ChatChoiceDecoder? decoder))
            {
                _choices.Add(index, decoder = new ChatChoiceDecoder(index));
            }
            decoder.Read(choice, _citations, events);
            position++;
        }
        ReadUsage(chunk, events);
    }

    /// <inheritdoc/>
    public override void Complete(List<StreamEvent> events)
    {
        // Some servers end without [DONE]; an answer whose choices are all finished is whole all the same.
        if (!_ended && _choices.Count > 0 && _choices.Values.All(c => c.Finished))
        {
            End(events);
        }
    }

    private void End(List<StreamEvent> events)
    {
        _ended = true;
        // [DONE] without a finish reason is an end too, but nobody's invention of a reason.
        foreach (ChatChoiceDecoder choice in _choices.Values)
        {
            choice.Finish(null, [], events);
        }
        if (_choices.Count > 0)
        {
            events.Add(new StreamEvent(StreamEventKind.End));
        }
    }

    private static JsonElement? ErrorOf(JsonElement chunk, ReadOnlySpan<byte> eventName) =>
        chunk.Has("error", out JsonElement error) && error.ValueKind != JsonValueKind.False ? error
        : eventName.SequenceEqual("error"u8) || chunk.Text("object") == "error" ? chunk
        : null;

    private static void ReadUsage(JsonElement chunk, List<StreamEvent> events)
    {
        if (!chunk.Has("usage", out JsonElement usage) && (!chunk.Has("x_groq", out JsonElement groq) || !groq.Has("usage", out usage)))
        {
            return;
        }
        if (ChatUsage.Read(usage) is { Source: not Core.Accounting.UsageSource.None } counts)
        {
            events.Add(new StreamEvent(StreamEventKind.Usage) { Usage = counts });
        }
    }
}
