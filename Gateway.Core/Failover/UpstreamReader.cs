using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>
/// Reads an upstream's body under the attempt's time limits, and keeps count of the time spent waiting. Waits without a
/// buffer, so that a stream in which nothing happens holds none.
/// </summary>
internal sealed class UpstreamReader(Stream body, Call call, AttemptClock clock)
{
    private const int ReadSize = 4096;
    private const int MostWhiteSpace = 65_536;

    private PooledBuffer _buffer;

    public ref PooledBuffer Buffer => ref _buffer;

    /// <summary>Timestamp of the last read that has come back.</summary>
    public long ReadAt { get; private set; }

    /// <summary>Another attempt runs beside this one, and whoever started both keeps count of the time.</summary>
    public bool Racing { get; set; }

    /// <summary>Reads what is there, waiting for at least a byte. False at the end.</summary>
    /// <param name="room">Bytes to make room for at least.</param>
    public async ValueTask<bool> ReadAsync(int room = ReadSize)
    {
        long waiting = call.Time.GetTimestamp();
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
        return true;
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

    public void Release() => _buffer.Dispose();
}
