using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Gemini;

/// <summary>Server-sent events where the stream was asked for with <c>alt=sse</c>, else one JSON array: its first byte tells.</summary>
internal sealed class GeminiFraming : StreamFraming
{
    private StreamFraming? _framing;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> buffer, bool end, out StreamFrame frame)
    {
        if (_framing is null)
        {
            ReadOnlySpan<byte> content = buffer.TrimStart(" \r\n\t"u8);
            if (content.IsEmpty)
            {
                frame = default;
                return false;
            }
            _framing = content[0] is (byte)'[' or (byte)'{' ? new JsonArrayFraming() : new SseFraming();
        }
        return _framing.TryRead(buffer, end, out frame);
    }
}
