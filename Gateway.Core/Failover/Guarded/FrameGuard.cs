using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Guardrails;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Guarded;

/// <summary>
/// Holds the events of a stream back while their text may be the beginning of a banned word, as the bytes that they are sent as.
/// What is let go is what the upstream sent, in its order.
/// </summary>
internal sealed class FrameGuard(Operation operation, AnswerWatch watch, StreamCut cut) : IDisposable
{
    private readonly Queue<Frame> _frames = [];
    private PooledBuffer _bytes;
    private int _closed;
    private JsonElement _last;

    /// <summary>Bytes that are held back.</summary>
    public int Held => _bytes.Length;

    /// <summary>There was a word: nothing more is let go, and nothing more is to be read.</summary>
    public bool Found => watch.Found;

    /// <summary>Null where no words are banned, or the operation makes no text.</summary>
    public static FrameGuard? Of(Call call) =>
        call.Options.Guardrails?.Answers is { } words && call.Envelope.Operation.Generates()
            ? new FrameGuard(call.Envelope.Operation, new AnswerWatch(words), StreamCut.Of(call))
            : null;

    /// <summary>Looks at an event's texts.</summary>
    public void Read(JsonElement json)
    {
        _last = json;
        AnswerText.Read(operation, json, watch);
    }

    /// <summary>The answer is whole.</summary>
    public void End() => watch.End();

    /// <summary>Bytes of the event that was looked at last.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.GetRoom(bytes.Length).Span);
        _bytes.Filled(bytes.Length);
    }

    /// <summary>The event has no more bytes.</summary>
    /// <param name="isContent">A client waits for what it holds.</param>
    public void Close(JsonElement json, bool isContent)
    {
        _frames.Enqueue(new Frame(_bytes.Length - _closed, watch.Position, isContent, json));
        _closed = _bytes.Length;
    }

    /// <summary>The next event that may go; then it has to be let <see cref="Pass"/>.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!_frames.TryPeek(out Frame frame) || frame.End > watch.SafeUpTo)
        {
            return false;
        }
        bytes = _bytes.Span[..frame.Length];
        return true;
    }

    /// <summary>The event was sent. True when a client waited for what it holds.</summary>
    public bool Pass()
    {
        Frame frame = _frames.Dequeue();
        _bytes.Consume(frame.Length);
        _closed -= frame.Length;
        cut.Note(frame.Json);
        return frame.IsContent;
    }

    /// <summary>Writes what ends the stream after the events that were let pass.</summary>
    public void WriteEnding(IBufferWriter<byte> output, Usage used) => cut.Write(output, _last, used);

    public void Dispose() => _bytes.Dispose();

    /// <param name="End">The position behind its text.</param>
    private readonly record struct Frame(int Length, long End, bool IsContent, JsonElement Json);
}
