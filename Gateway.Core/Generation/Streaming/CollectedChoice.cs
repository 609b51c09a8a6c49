using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation.Streaming;

/// <summary>One choice of a stream while it is folded.</summary>
internal sealed class CollectedChoice(int index, Wire origin)
{
    private readonly SortedDictionary<int, CollectedPart> _parts = [];
    private readonly List<JsonElement> _logprobs = [];
    private FinishReason _finish = FinishReason.Other;
    private string? _rawFinish;
    private string? _stopSequence;

    public void Add(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart:
                _parts[next.Part] = new CollectedPart(next, origin);
                break;
            case StreamEventKind.Logprobs:
                _logprobs.Add(next.Json);
                break;
            case StreamEventKind.Finish:
                (_finish, _rawFinish, _stopSequence) = (next.Finish, next.Name, next.Text);
                break;
            default:
                if (_parts.TryGetValue(next.Part, out CollectedPart? part))
                {
                    part.Add(next);
                }
                break;
        }
    }

    public Candidate ToCandidate() => new(index, [.. _parts.Values.Select(p => p.ToPart())], _finish)
    {
        RawFinish = _rawFinish,
        StopSequence = _stopSequence,
        Logprobs = MergedLogprobs(),
    };

    // Chat's chunks each hold {"content":[…],"refusal":[…]}; the whole answer holds the lists joined.
    private JsonElement MergedLogprobs()
    {
        if (_logprobs.Count == 0)
        {
            return default;
        }
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            foreach (string list in (ReadOnlySpan<string>)["content", "refusal"])
            {
                if (_logprobs.Exists(l => l.Has(list, out _)))
                {
                    writer.WriteStartArray(list);
                    foreach (JsonElement item in _logprobs.SelectMany(l => l.Items(list)))
                    {
                        item.WriteTo(writer);
                    }
                    writer.WriteEndArray();
                }
            }
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
