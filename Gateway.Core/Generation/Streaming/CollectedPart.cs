using System.Text;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Generation.Streaming;

/// <summary>One part of a stream while it is folded.</summary>
internal sealed class CollectedPart(in StreamEvent start, Wire origin)
{
    private readonly StreamEvent _start = start;
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _media = new();
    private readonly List<Citation> _citations = [];
    private string? _mediaType;
    private string? _signature = start.PartKind == PartKind.ToolCall ? start.Text : null;

    public void Add(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.Delta:
                _text.Append(next.Text);
                break;
            case StreamEventKind.Signature:
                _signature = next.Text;
                break;
            case StreamEventKind.Media:
                _media.Append(next.Text);
                _mediaType = next.Name ?? _mediaType;
                break;
            case StreamEventKind.Citation:
                _citations.Add(next.Citation!);
                break;
        }
    }

    public Part ToPart() => _start.PartKind switch
    {
        PartKind.Text => new TextPart(_text.ToString()) { Citations = _citations, Signature = _signature },
        PartKind.Reasoning => new ReasoningPart(_text.ToString())
        {
            Signature = _signature,
            Redacted = _text.Length == 0 && _start.Name == StreamEvent.Redacted,
            Id = _start.Id,
            Origin = origin,
        },
        PartKind.ToolCall => new ToolCallPart(_start.Id ?? "", _start.Name ?? "", _text.ToString()) { Signature = _signature },
        PartKind.Refusal => new RefusalPart(_text.ToString()),
        PartKind.Media => new MediaPart(KindOf(_mediaType), new MediaSource { Data = _media.ToString(), MediaType = _mediaType })
        {
            Transcript = _text.Length > 0 ? _text.ToString() : null,
            Signature = _signature,
        },
        _ => new OpaquePart(origin, _start.Name ?? "", _start.Json),
    };

    private static MediaKind KindOf(string? mediaType) => mediaType?.Split('/')[0] switch
    {
        "image" => MediaKind.Image,
        "audio" => MediaKind.Audio,
        "video" => MediaKind.Video,
        _ => MediaKind.Document,
    };
}
