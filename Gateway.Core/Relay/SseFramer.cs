using System.Buffers;

namespace Gateway.Core.Relay;

/// <summary>One server-sent event, as ranges in the buffer that it was found in.</summary>
public readonly ref struct SseFrame
{
    /// <summary>The event with the blank line that ends it.</summary>
    public required ReadOnlySpan<byte> Whole { get; init; }

    /// <summary>Its data; several data lines are joined with line feeds, as the standard says. Empty for comments.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Where <see cref="Data"/> starts in <see cref="Whole"/>; -1 when it was joined from several lines.</summary>
    public required int DataStart { get; init; }
    public required ReadOnlySpan<byte> EventName { get; init; }
    public bool HasData => !Data.IsEmpty;
}

/// <summary>
/// Finds the events in a stream of bytes that arrive in any pieces: CR, LF or CRLF, comments, several data lines, a character
/// split in two. Remembers how far it looked, so that a byte is looked at once however small the pieces are.
/// Format: WHATWG HTML, section "Server-sent events".
/// </summary>
public struct SseFramer
{
    private int _lineStart;
    private int _searched;
    private int _dataStart;
    private int _dataEnd;
    private int _dataLines;
    private int _eventStart;
    private int _eventEnd;
    private bool _skipLineFeed;
    private ArrayBufferWriter<byte>? _joined;

    /// <summary>Looks for the next whole event at the start of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">Everything not consumed yet: earlier bytes of an unfinished event again, and what is new.</param>
    /// <param name="end">The stream is over: what is left is an event even without a blank line.</param>
    /// <param name="frame">Valid until the buffer changes; its length is what the caller has to drop from the buffer.</param>
    public bool TryRead(ReadOnlySpan<byte> buffer, bool end, out SseFrame frame)
    {
        while (_searched < buffer.Length)
        {
            if (_skipLineFeed)
            {
                // The second half of a CRLF whose CR ended a line already.
                _skipLineFeed = false;
                if (buffer[_searched] == (byte)'\n')
                {
                    _searched++;
                    _lineStart = _searched;
                    continue;
                }
            }
            int at = buffer[_searched..].IndexOfAny((byte)'\n', (byte)'\r');
            if (at < 0)
            {
                _searched = buffer.Length;
                break;
            }
            int lineEnd = _searched + at;
            bool carriageReturn = buffer[lineEnd] == (byte)'\r';
            int next = lineEnd + 1;
            if (carriageReturn && next < buffer.Length && buffer[next] == (byte)'\n')
            {
                next++;
                carriageReturn = false;
            }
            // A CR at the very end may be half of a CRLF; the event must not wait for the other half.
            _skipLineFeed = carriageReturn && next == buffer.Length;
            bool blank = lineEnd == _lineStart;
            int frameLength = next;
            if (!blank)
            {
                ReadLine(buffer, _lineStart, lineEnd);
            }
            _lineStart = next;
            _searched = next;
            if (blank)
            {
                frame = Frame(buffer[..frameLength]);
                return true;
            }
        }
        if (end && !buffer.IsEmpty)
        {
            if (_lineStart < buffer.Length)
            {
                ReadLine(buffer, _lineStart, buffer.Length);
            }
            frame = Frame(buffer);
            return true;
        }
        frame = default;
        return false;
    }

    private void ReadLine(ReadOnlySpan<byte> buffer, int start, int end)
    {
        ReadOnlySpan<byte> line = buffer[start..end];
        if (line.StartsWith("data:"u8))
        {
            int from = start + 5;
            from += from < end && buffer[from] == (byte)' ' ? 1 : 0;
            AddData(buffer, from, end);
        }
        else if (line.StartsWith("event:"u8))
        {
            _eventStart = start + 6;
            _eventStart += _eventStart < end && buffer[_eventStart] == (byte)' ' ? 1 : 0;
            _eventEnd = end;
        }
    }

    private void AddData(ReadOnlySpan<byte> buffer, int start, int end)
    {
        if (_dataLines++ == 0)
        {
            (_dataStart, _dataEnd) = (start, end);
            return;
        }
        // Rare: no provider is known to send several data lines. An event may have as many as it has room for.
        if (_joined is null)
        {
            _joined = new ArrayBufferWriter<byte>();
            _joined.Write(buffer[_dataStart.._dataEnd]);
        }
        _joined.Write("\n"u8);
        _joined.Write(buffer[start..end]);
    }

    private SseFrame Frame(ReadOnlySpan<byte> whole)
    {
        var frame = new SseFrame
        {
            Whole = whole,
            Data = _joined is null ? whole[_dataStart.._dataEnd] : _joined.WrittenSpan,
            DataStart = _joined is null ? _dataStart : -1,
            EventName = whole[_eventStart.._eventEnd],
        };
        bool skip = _skipLineFeed;
        this = default;
        _skipLineFeed = skip;
        return frame;
    }
}
