using Gateway.Core.Accounting;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Writes the lines of calls on a thread of its own: a reader that is slow or takes nothing, or a disk that is full, delays nobody.
/// Bounded; calls whose lines are lost are counted, and the log says how many as soon as it takes lines again.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int Capacity = 16_384;
    private const int FlushBytes = 65_536;

    // Writing each call by itself costs more than its lines do.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    // A reader that takes nothing must not keep the process from ending.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly GatheredQueue<UsageRecord> _records;
    private readonly Stream _log;
    private readonly RequestLogSettings _settings;
    private readonly Task _writing;
    private long _lost;
    private long _said;
    private int _gathered;
    private bool _failed;

    public LogWriter(Stream log, RequestLogSettings settings)
    {
        _log = log;
        _settings = settings;
        _records = new GatheredQueue<UsageRecord>(Capacity, Gathering, () => Interlocked.Increment(ref _lost));
        _writing = OwnThread.Run("Log lines", Run);
    }

    /// <summary>Calls whose lines were not written.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void Add(UsageRecord record) => _records.Add(record);

    /// <summary>Writes what is queued, as far as the reader takes it, and ends; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_records.TryEnd())
        {
            return;
        }
        try
        {
            await _writing.WaitAsync(LastPatience);
        }
        catch (TimeoutException)
        {
            // The thread ends with the process.
        }
    }

    private void Run()
    {
        bool ended = false;
        while (!ended)
        {
            try
            {
                WriteAll();
                ended = true;
            }
            catch (Exception)
            {
                // A call whose lines cannot be made, or no memory for them: those of all others still can.
                Interlocked.Add(ref _lost, _gathered);
                _gathered = 0;
            }
        }
    }

    private void WriteAll()
    {
        var lines = new RequestLog(_settings);
        bool behind = false;
        while (_records.WaitToRead(gather: !behind))
        {
            long lost = Lost;
            while (lines.Written.Length < FlushBytes && _records.TryRead(out UsageRecord? record))
            {
                if (_gathered++ == 0 && lost > _said)
                {
                    lines.AddLost(record.StartedAt, lost - _said);
                }
                lines.Add(record);
            }
            behind = lines.Written.Length >= FlushBytes;
            if (TryWrite(lines.Written))
            {
                _said = lost;
            }
            else
            {
                Interlocked.Add(ref _lost, _gathered);
            }
            lines.Clear();
            _gathered = 0;
        }
    }

    private bool TryWrite(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty)
        {
            return true;
        }
        try
        {
            if (_failed)
            {
                // What was written last may end in the middle of a line.
                _log.Write("\n"u8);
            }
            _log.Write(lines);
            _log.Flush();
            _failed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No room, or nobody reads any more: the traffic matters more.
            _failed = true;
        }
        return !_failed;
    }
}
