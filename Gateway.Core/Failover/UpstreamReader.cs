using System.Text;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>
/// Reads an upstream's body under the attempt's time limits, and keeps count of the time spent waiting. Waits without a
/// buffer, so that a stream in which nothing happens holds none.
/// </summary>
/// <param name="begun">Timestamp of the answer's head, from which on the first read is waited for.</param>
internal sealed class UpstreamReader(Stream body, Call call, AttemptClock clock, long begun)
{
    private const int ReadSize = 4096;
    private const int MostWhiteSpace = 65_536;

    private PooledBuffer _buffer;
    private bool _begun;

    public ref PooledBuffer Buffer => ref _buffer;

    /// <summary>Timestamp of the last read that has come back.</summary>
    public long ReadAt { get; private set; } = begun;

    /// <summary>Another attempt runs beside this one, and whoever started both keeps count of the time.</summary>
    public bool Racing { get; set; }

    /// <summary>The body is JSON or events: a byte order mark before it is left out, since clients' parsers refuse one.</summary>
    public bool IsText { get; init; }

    /// <summary>Reads what is there, waiting for at least a byte. False at the end.</summary>
    /// <param name="room">Bytes to make room for at least.</param>
    public async ValueTask<bool> ReadAsync(int room = ReadSize)
    {
        // Between two reads the client was written to, which is no time of the upstream's.
        long waiting = _begun ? call.Time.GetTimestamp() : ReadAt;
        clock.Restart();
        if (_buffer.Length == 0)
        {
            _ = await body.ReadAsync(Memory<byte>.Empty, clock.Token);
        }
        int count = await body.ReadAsync(_buffer.GetRoom(room), clock.Token);
        ReadAt = call.Time.GetTimestamp();
        if (!Racing)
        {
            call.WaitedTicks += ReadAt - waiting;
        }
        if (count == 0)
        {
            return false;
        }
        clock.NoteByte();
        _buffer.Filled(count);
        return _begun || await BeginAsync();
    }

    /// <summary>
    /// The first byte that is no white space, read if need be; nothing of it is consumed. 0 where there is none, or not before
    /// more white space than any answer begins with.
    /// </summary>
    public async ValueTask<byte> PeekAsync()
    {
        int looked = 0;
        do
        {
            int at = _buffer.Span[looked..].IndexOfAnyExcept(" \r\n\t"u8);
            if (at >= 0)
            {
                return _buffer.Span[looked + at];
            }
            looked = _buffer.Length;
        }
        while (looked < MostWhiteSpace && await ReadAsync());
        return 0;
    }

    private async ValueTask<bool> BeginAsync()
    {
        _begun = true;
        if (!IsText || _buffer.Span[0] != Encoding.UTF8.Preamble[0])
        {
            return true;
        }
        while (_buffer.Length < Encoding.UTF8.Preamble.Length && await ReadAsync())
        {
        }
        if (_buffer.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            _buffer.Consume(Encoding.UTF8.Preamble.Length);
        }
        return _buffer.Length > 0 || await ReadAsync();
    }

    public void Release() => _buffer.Dispose();
}
