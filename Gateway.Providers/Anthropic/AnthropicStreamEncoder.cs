using System.Buffers;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// Writes a Messages stream. Its blocks never overlap: of tool calls that do, the first is streamed and the others wait for
/// it to end.
/// </summary>
internal sealed class AnthropicStreamEncoder(ResponseContext context, ConversionNotes notes) : StreamEncoder
{
    // Of text that waits, in characters.
    private const int MostWaiting = 16 * 1024 * 1024;

    private readonly AnthropicEventWriter _writer = new(context, notes);
    private readonly List<(int Part, List<StreamEvent> Events)> _waiting = [];
    private StreamEvent _start;
    private StreamEvent _finish;
    private Usage _usage;
    private bool _begun;
    private int _open = -1;
    private int _held;

    /// <inheritdoc/>
    public override void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                _start = next;
                return;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                return;
            case StreamEventKind.Error:
                return;
        }
        if (next.Choice > 0)
        {
            notes.Lose("choices", "Anthropic gives one answer; the first was taken.");
            return;
        }
        Begin(output);
        switch (next.Kind)
        {
            case StreamEventKind.Logprobs:
                notes.Lose("logprobs", "Anthropic has no log probabilities.");
                break;
            case StreamEventKind.Finish:
                _finish = next;
                break;
            case StreamEventKind.End:
                WriteEnd(output);
                break;
            default:
                WritePart(next, output);
                break;
        }
    }

    // Only now: some upstreams count the prompt in their first event, and the message's beginning is to say it.
    private void Begin(IBufferWriter<byte> output)
    {
        if (!_begun)
        {
            _begun = true;
            _writer.Start(_start, _usage, output);
        }
    }

    private void WritePart(in StreamEvent next, IBufferWriter<byte> output)
    {
        int part = next.Part;
        if (_open >= 0 && _open != part)
        {
            Hold(next);
            return;
        }
        _open = part;
        _writer.Write(next, output);
        if (next.Kind == StreamEventKind.PartEnd)
        {
            _open = -1;
            Release(output);
        }
    }

    private void Hold(in StreamEvent next)
    {
        _held += next.Text?.Length ?? 0;
        if (_held > MostWaiting)
        {
            throw new GenerationFormatException($"The tool calls that wait for another to end are larger than {MostWaiting} characters.");
        }
        int part = next.Part;
        int at = _waiting.FindIndex(w => w.Part == part);
        if (at < 0)
        {
            at = _waiting.Count;
            _waiting.Add((part, []));
        }
        _waiting[at].Events.Add(next);
    }

    private void Release(IBufferWriter<byte> output)
    {
        while (_open < 0 && _waiting.Count > 0)
        {
            (int part, List<StreamEvent> events) = _waiting[0];
            _waiting.RemoveAt(0);
            _open = part;
            foreach (StreamEvent held in events)
            {
                _held -= held.Text?.Length ?? 0;
                _writer.Write(held, output);
                if (held.Kind == StreamEventKind.PartEnd)
                {
                    _open = -1;
                }
            }
        }
    }

    private void WriteEnd(IBufferWriter<byte> output)
    {
        bool own = context.Origin == Wire.AnthropicMessages && _finish.Name is not null;
        _writer.End(own ? _finish.Name! : AnthropicFinish.Write(_finish.Finish), _finish.Text, _usage, output);
    }
}
