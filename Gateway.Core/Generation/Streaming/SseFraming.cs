using Gateway.Core.Relay;

namespace Gateway.Core.Generation.Streaming;

/// <summary>Server-sent events.</summary>
public sealed class SseFraming : StreamFraming
{
    private SseFramer _framer;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> buffer, bool end, out StreamFrame frame)
    {
        if (!_framer.TryRead(buffer, end, out SseFrame found))
        {
            frame = default;
            return false;
        }
        frame = new StreamFrame { EventName = found.EventName, Data = found.HasData ? found.Data : default, Length = found.Whole.Length };
        return true;
    }
}
