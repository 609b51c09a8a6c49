using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Gemini;

/// <summary>One candidate of a stream that is written. Texts go out as they come; calls and media only go whole.</summary>
internal sealed class GeminiChoiceEncoder(Wire? origin, ConversionNotes notes)
{
    private readonly Dictionary<int, Pending> _pending = [];
    // What sources are about: their places are counted in its bytes.
    private readonly StringBuilder _text = new();
    private readonly List<Citation> _citations = [];
    private int _textPart = -1;
    private bool _any;
    private string? _finish;

    /// <summary>Takes an event; true when a chunk is to be written for it now.</summary>
    public bool Take(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart when next.PartKind is PartKind.ToolCall or PartKind.Media or PartKind.Reasoning:
                _pending[next.Part] = new Pending(next.Id, next.Name) { Signature = next.Text };
                return false;
            case StreamEventKind.PartStart when next.PartKind == PartKind.Opaque:
                if (origin == Wire.Gemini)
                {
                    return true;
                }
                notes.Lose("part:" + next.Name, "Gemini has no such part.");
                return false;
            case StreamEventKind.Delta when next.PartKind == PartKind.ToolCall:
                PendingOf(next).Text.Append(next.Text);
                return false;
            case StreamEventKind.Delta:
                Remember(next);
                return next.Text is { Length: > 0 };
            case StreamEventKind.Signature when next.PartKind is PartKind.ToolCall or PartKind.Media:
                PendingOf(next).Signature = next.Text;
                return false;
            case StreamEventKind.Media:
                PendingOf(next).Text.Append(next.Text);
                PendingOf(next).Name = next.Name ?? PendingOf(next).Name;
                return false;
            case StreamEventKind.Citation:
                // Places in an earlier text part would not be found in this one.
                _citations.Add(next.Part == _textPart ? next.Citation! : next.Citation! with { Start = null, End = null });
                return false;
            case StreamEventKind.Finish:
                _finish = GeminiFinish.Write(next.Finish, origin == Wire.Gemini ? next.Name : null);
                return false;
            case StreamEventKind.PartEnd:
                return next.PartKind is PartKind.ToolCall or PartKind.Media;
            case StreamEventKind.Signature or StreamEventKind.Logprobs:
                return true;
            default:
                return false;
        }
    }

    private void Remember(in StreamEvent next)
    {
        if (next.PartKind == PartKind.Refusal)
        {
            notes.Bridge("refusal", "Gemini knows no refusals; it is text.");
        }
        else if (next.PartKind == PartKind.Media)
        {
            notes.Bridge("transcript", "The words of a sound stand as text before it.");
        }
        else if (next.PartKind == PartKind.Text)
        {
            if (next.Part != _textPart)
            {
                _textPart = next.Part;
                _text.Clear();
                for (int i = 0; i < _citations.Count; i++)
                {
                    _citations[i] = _citations[i] with { Start = null, End = null };
                }
            }
            _text.Append(next.Text);
        }
    }

    /// <summary>Writes the parts of the chunk that <see cref="Take"/> asked for.</summary>
    public void WriteParts(in StreamEvent next, Utf8JsonWriter writer)
    {
        _any = true;
        var parts = new GeminiAnswerParts(writer, notes);
        switch (next.Kind)
        {
            case StreamEventKind.Delta:
                parts.WriteText(next.Text!, next.PartKind == PartKind.Reasoning, null);
                break;
            case StreamEventKind.Signature when next.PartKind == PartKind.Reasoning:
                bool redacted = _pending.TryGetValue(next.Part, out Pending? thought) && thought.Name == StreamEvent.Redacted;
                parts.WriteText("", origin != Wire.Gemini, GeminiSignatures.ToClient(origin, next.Text ?? "", redacted));
                break;
            case StreamEventKind.Signature:
                parts.WriteText("", false, next.Text);
                break;
            case StreamEventKind.PartStart:
                next.Json.WriteTo(writer);
                break;
            case StreamEventKind.Logprobs:
                parts.WriteText("", false, null);
                break;
            case StreamEventKind.PartEnd when _pending.Remove(next.Part, out Pending? whole):
                parts.Write(next.PartKind == PartKind.ToolCall
                    ? new ToolCallPart(whole.Id ?? "", whole.Name ?? "", whole.Text.ToString()) { Signature = whole.Signature }
                    : Media(whole));
                break;
        }
    }

    private static MediaPart Media(Pending whole) =>
        new(MediaKind.Document, new MediaSource { MediaType = whole.Name ?? "application/octet-stream", Data = whole.Text.ToString() }) { Signature = whole.Signature };

    /// <summary>Writes the members of the last chunk's candidate.</summary>
    public void WriteFinish(Utf8JsonWriter writer)
    {
        if (_any)
        {
            // As Google does. Its client drops the whole turn from a chat's history when one chunk of it holds no part.
            writer.WriteStartObject("content");
            writer.WriteStartArray("parts");
            new GeminiAnswerParts(writer, notes).WriteText("", false, null);
            writer.WriteEndArray();
            writer.WriteString("role", "model");
            writer.WriteEndObject();
        }
        if (_finish is not null)
        {
            writer.WriteString("finishReason", _finish);
        }
        if (_citations.Count > 0)
        {
            notes.Bridge("citations", "Sources stand in 'groundingMetadata'.");
            GeminiCitations.Write(_citations, _text.ToString(), writer);
        }
    }

    private Pending PendingOf(in StreamEvent next)
    {
        if (!_pending.TryGetValue(next.Part, out Pending? pending))
        {
            _pending.Add(next.Part, pending = new Pending(next.Id, next.Name));
        }
        return pending;
    }

    private sealed class Pending(string? id, string? name)
    {
        public string? Id => id;
        public string? Name { get; set; } = name;
        public string? Signature { get; set; }
        public StringBuilder Text { get; } = new();
    }
}
