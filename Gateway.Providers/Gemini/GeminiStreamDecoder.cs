using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Reads a stream of partial answers. There is no terminator: it is whole when the bytes end and every candidate has its
/// reason to finish. Until then more may come, such as sources or counts after the reason.
/// </summary>
internal sealed class GeminiStreamDecoder : StreamDecoder
{
    private readonly SortedDictionary<int, GeminiChoiceDecoder> _choices = [];
    private GeminiCallIds? _ids;
    private bool _failed;

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events)
    {
        JsonElement chunk = JsonFields.Parse(data);
        if (chunk.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in chunk.EnumerateArray())
            {
                ReadChunk(item, events);
            }
            return;
        }
        ReadChunk(chunk, events);
    }

    private void ReadChunk(JsonElement chunk, List<StreamEvent> events)
    {
        if (chunk.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("An event of the stream is not a JSON object.");
        }
        if (_failed)
        {
            return;
        }
        if (chunk.Get("error", out JsonElement error))
        {
            _failed = true;
            events.Add(new StreamEvent(StreamEventKind.Error) { Json = error });
            return;
        }
        if (_ids is null)
        {
            string? id = chunk.GetText("responseId");
            _ids = GeminiCallIds.OfAnswer(id);
            events.Add(new StreamEvent(StreamEventKind.Start) { Id = id, Name = chunk.GetText("modelVersion") });
        }
        int position = 0;
        foreach (JsonElement candidate in chunk.GetItems("candidates"))
        {
            ChoiceOf(candidate.GetWhole32("index") ?? position).Read(candidate, events);
            position++;
        }
        if (position == 0 && chunk.Get("promptFeedback", out JsonElement feedback) && feedback.GetText("blockReason") is { } reason)
        {
            ChoiceOf(0).Block(reason);
        }
        if (GeminiUsage.Read(chunk) is { Source: UsageSource.Reported } usage)
        {
            events.Add(new StreamEvent(StreamEventKind.Usage) { Usage = usage });
        }
    }

    private GeminiChoiceDecoder ChoiceOf(int index)
    {
        if (!_choices.TryGetValue(index, out GeminiChoiceDecoder? choice))
        {
            // Gemini gives eight candidates at most.
            if (index < 0 || _choices.Count >= 64)
            {
                throw new GenerationFormatException("A candidate of the stream has an impossible number.");
            }
            _choices.Add(index, choice = new GeminiChoiceDecoder(index, _ids!));
        }
        return choice;
    }

    /// <inheritdoc/>
    public override void Complete(List<StreamEvent> events)
    {
        if (_failed || _choices.Count == 0 || _choices.Values.Any(c => !c.Finished))
        {
            return;
        }
        foreach (GeminiChoiceDecoder choice in _choices.Values)
        {
            choice.End(events);
        }
        events.Add(new StreamEvent(StreamEventKind.End));
    }
}
