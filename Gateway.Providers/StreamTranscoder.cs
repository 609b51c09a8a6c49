using System.Buffers;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers;

/// <summary>One stream on its way from one wire to another. For one task at a time.</summary>
public sealed class StreamTranscoder
{
    private readonly ConversionNotes _notes = new();
    private readonly StreamFraming _framing;
    private readonly StreamDecoder _decoder;
    private readonly StreamEncoder _encoder;
    private readonly List<StreamEvent> _events = [];
    private byte[] _rest = [];

    internal StreamTranscoder(IGenerationCodec from, IGenerationCodec to, ResponseContext context)
    {
        if (from.Wire != to.Wire)
        {
            _notes.Cross();
        }
        _framing = from.CreateFraming();
        _decoder = from.CreateDecoder(_notes);
        _encoder = to.CreateEncoder(context, _notes);
    }

    /// <summary>The whole of the answer was seen, the wire's sign of the end included.</summary>
    public bool Ended { get; private set; }

    /// <summary>The error that ended the stream instead, as its wire has it; undefined if there was none.</summary>
    public JsonElement Error { get; private set; }

    /// <summary>What was bridged and lost so far.</summary>
    public ConversionReport<bool> Report => _notes.Report(Ended);

    /// <summary>Takes the next bytes, however they were cut, and writes what they come to.</summary>
    /// <exception cref="JsonException">An event is not JSON.</exception>
    /// <exception cref="GenerationFormatException">An event is not one of the wire's.</exception>
    public void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        _rest = [.. _rest, .. bytes];
        Read(end: false, output);
    }

    /// <summary>Nothing follows. Writes what was left; a stream that broke off is not ended.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        Read(end: true, output);
        _decoder.Complete(_events);
        Emit(output);
    }

    private void Read(bool end, IBufferWriter<byte> output)
    {
        int consumed = 0;
        while (_framing.TryRead(_rest.AsSpan(consumed), end, out StreamFrame frame))
        {
            if (!frame.Data.IsEmpty)
            {
                _decoder.Read(frame.EventName, frame.Data, _events);
                Emit(output);
            }
            consumed += frame.Length;
        }
        _rest = _rest[consumed..];
    }

    private void Emit(IBufferWriter<byte> output)
    {
        foreach (StreamEvent next in _events)
        {
            if (Ended || Error.ValueKind != JsonValueKind.Undefined)
            {
                break;
            }
            Ended = next.Kind == StreamEventKind.End;
            if (next.Kind == StreamEventKind.Error)
            {
                Error = next.Json;
                break;
            }
            _encoder.Write(next, output);
        }
        _events.Clear();
    }
}
