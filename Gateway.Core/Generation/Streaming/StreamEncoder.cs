using System.Buffers;

namespace Gateway.Core.Generation.Streaming;

/// <summary>
/// Writes one wire's stream, framing and all. What belongs to the end (token counts, the terminator) is written for
/// <see cref="StreamEventKind.End"/> and not before, so that the caller can settle first. Errors are not the encoder's: the
/// caller writes them as the wire's error event.
/// </summary>
public abstract class StreamEncoder
{
    /// <summary>The media type of the whole.</summary>
    public virtual string ContentType => "text/event-stream; charset=utf-8";

    /// <summary>The answer's id, and the number of the next event, where the wire's error events must name them.</summary>
    public virtual (string? Id, int NextEvent) Answer => default;

    /// <summary>Writes what the event comes to; may be nothing.</summary>
    public abstract void Write(in StreamEvent next, IBufferWriter<byte> output);
}
