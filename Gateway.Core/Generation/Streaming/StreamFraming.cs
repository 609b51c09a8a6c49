namespace Gateway.Core.Generation.Streaming;

/// <summary>Finds the events of one stream in its bytes, however they were cut. Bounded: an event that is too large never becomes whole.</summary>
public abstract class StreamFraming
{
    /// <summary>Takes the next whole event; false when there is none yet.</summary>
    /// <param name="buffer">What has been read and not been taken.</param>
    /// <param name="end">Nothing will follow.</param>
    /// <exception cref="GenerationFormatException">The bytes are not this framing (a checksum is wrong, a length impossible).</exception>
    public abstract bool TryRead(ReadOnlySpan<byte> buffer, bool end, out StreamFrame frame);
}
