using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Generation.Streaming;

/// <summary>Folds a stream's events into the answer they make.</summary>
/// <param name="origin">The wire the events were read from.</param>
public sealed class StreamCollector(Wire origin)
{
    private readonly SortedDictionary<int, CollectedChoice> _choices = [];
    private string? _id;
    private string? _model;
    private Usage _usage;

    /// <summary>The stream's end was seen.</summary>
    public bool Ended { get; private set; }

    /// <summary>The upstream's error object; undefined if there was none.</summary>
    public JsonElement Error { get; private set; }

    /// <summary>The token counts so far.</summary>
    public Usage Usage => _usage;

    /// <summary>Takes the next event.</summary>
    public void Add(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                (_id, _model) = (next.Id, next.Name);
                break;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                break;
            case StreamEventKind.Error:
                Error = next.Json;
                break;
            case StreamEventKind.End:
                Ended = true;
                break;
            default:
                if (!_choices.TryGetValue(next.Choice, out CollectedChoice? choice))
                {
                    _choices.Add(next.Choice, choice = new CollectedChoice(next.Choice, origin));
                }
                choice.Add(next);
                break;
        }
    }

    /// <summary>What has come so far, as an answer.</summary>
    public GenerationResponse ToResponse() => new()
    {
        Id = _id,
        Model = _model,
        Candidates = [.. _choices.Values.Select(c => c.ToCandidate())],
        Usage = _usage,
        Origin = origin,
    };
}
