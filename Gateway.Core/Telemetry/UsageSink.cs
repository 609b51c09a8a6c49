using System.Threading.Channels;
using Gateway.Core.Accounting;
using Gateway.Core.Live;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Takes finished calls from the requests and, on a task of its own, writes their log lines and hands them to the live feed and to
/// whoever observes them (metrics, traces). Bounded: when the log's reader is slower than the traffic, calls are dropped and
/// counted, requests are not delayed.
/// </summary>
public sealed class UsageSink : IUsageSink, IAsyncDisposable
{
    private const int Capacity = 16_384;
    private const int FlushBytes = 65_536;

    private readonly Channel<UsageRecord> _records;
    private readonly LiveFeed _feed;
    private readonly Stream? _log;
    private readonly Action<string, Exception> _fault;
    private readonly IRecordObserver[] _observers;
    private readonly RequestLogSettings _lines;
    private readonly Task _writing;
    private long _dropped;

    /// <param name="log">Where the lines go; null writes none.</param>
    /// <param name="fault">Is told of failures that are the gateway's own.</param>
    public UsageSink(LiveFeed feed, Stream? log, Action<string, Exception> fault, IEnumerable<IRecordObserver>? observers = null, RequestLogSettings lines = default)
    {
        _lines = lines;
        _observers = [.. observers ?? []];
        _feed = feed;
        _log = log;
        _fault = fault;
        _records = Channel.CreateBounded<UsageRecord>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Calls that are in no log line, metric or trace, since there were too many at once; they are in the journal all the same.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Post(UsageRecord record) => _records.Writer.TryWrite(record);

    public void Fault(string requestId, Exception exception) => _fault(requestId, exception);

    /// <summary>Writes what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _records.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        using var lines = new RequestLog(_lines);
        ChannelReader<UsageRecord> reader = _records.Reader;
        while (await reader.WaitToReadAsync())
        {
            while (reader.TryRead(out UsageRecord? record))
            {
                _feed.Publish(record);
                Show(record);
                if (_log is not null)
                {
                    lines.Add(record);
                    if (lines.Written.Length >= FlushBytes)
                    {
                        Write(lines);
                    }
                }
            }
            Write(lines);
        }
    }

    // A fault in one of them is to cost no log line, and no other call's figures.
    private void Show(UsageRecord record)
    {
        foreach (IRecordObserver observer in _observers)
        {
            try
            {
                observer.Observe(record);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                _fault(record.RequestId, e);
            }
        }
    }

    private void Write(RequestLog lines)
    {
        if (lines.Written.IsEmpty)
        {
            return;
        }
        try
        {
            _log!.Write(lines.Written);
            _log.Flush();
        }
        catch (IOException)
        {
            // Nobody reads the log any more (a closed pipe): the traffic matters more.
        }
        lines.Clear();
    }
}
