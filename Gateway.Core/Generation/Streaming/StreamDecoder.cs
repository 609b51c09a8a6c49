namespace Gateway.Core.Generation.Streaming;

/// <summary>
/// Reads the events of one wire's stream. Guarantees to encoders: <see cref="StreamEventKind.Start"/> comes first; every
/// delta belongs to a part that was started and not ended; all parts end before their choice's
/// <see cref="StreamEventKind.Finish"/>; <see cref="StreamEventKind.End"/> comes only after the wire's own end.
/// </summary>
public abstract class StreamDecoder
{
    /// <summary>Reads one event and adds what it says; often nothing.</summary>
    /// <exception cref="GenerationFormatException">It is not an event of this wire.</exception>
    public abstract void Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<StreamEvent> events);

    /// <summary>
    /// The bytes are at their end. Adds <see cref="StreamEventKind.End"/> where the wire has no other sign of it and the answer
    /// is finished; adds nothing when the stream broke off.
    /// </summary>
    public abstract void Complete(List<StreamEvent> events);
}
