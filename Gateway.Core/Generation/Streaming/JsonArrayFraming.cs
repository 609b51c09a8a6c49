namespace Gateway.Core.Generation.Streaming;

/// <summary>
/// A stream that is one JSON array with an object for each event, as Gemini sends it without <c>alt=sse</c>. A byte is looked
/// at once, however small the pieces are. An answer that is a single object instead (an error, as a rule) is one event.
/// </summary>
public sealed class JsonArrayFraming : StreamFraming
{
    private int _searched;
    private int _start = -1;
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> buffer, bool end, out StreamFrame frame)
    {
        while (_searched < buffer.Length)
        {
            byte next = buffer[_searched++];
            if (_start < 0)
            {
                Begin(next);
            }
            else if (Ends(next))
            {
                frame = new StreamFrame { Data = buffer[_start.._searched], Length = _searched };
                (_searched, _start) = (0, -1);
                return true;
            }
        }
        if (end && !buffer.IsEmpty)
        {
            // Brackets and white space after the last event, or an event that was cut off; whoever reads it finds out.
            frame = new StreamFrame { Data = _start < 0 ? default : buffer[_start..], Length = buffer.Length };
            (_searched, _start) = (0, -1);
            return true;
        }
        frame = default;
        return false;
    }

    // Between two events: only what an array has there.
    private void Begin(byte next)
    {
        switch (next)
        {
            case (byte)'{':
                (_start, _depth) = (_searched - 1, 1);
                break;
            case (byte)'[' or (byte)']' or (byte)',' or (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t':
                break;
            default:
                throw new GenerationFormatException("The stream is not a JSON array of objects.");
        }
    }

    private bool Ends(byte next)
    {
        if (_inString)
        {
            bool wasEscaped = _escaped;
            _escaped = !wasEscaped && next == (byte)'\\';
            _inString = wasEscaped || next != (byte)'"';
            return false;
        }
        switch (next)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                return --_depth == 0;
            default:
                return false;
        }
    }
}
