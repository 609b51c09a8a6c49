using Gateway.Core.Accounting;
using Gateway.Core.Live;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Takes finished calls from the requests and, on a thread of its own, hands them to the live feed, to whoever observes them (metrics,
/// traces) and to the log. Bounded: when there are more calls than that thread can take, some are dropped and counted, requests are
/// not delayed.
/// </summary>
public sealed class UsageSink : IUsageSink, IAsyncDisposable
{
    private const int Capacity = 16_384;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);

    private readonly GatheredQueue<UsageRecord> _records;
    private readonly LiveFeed _feed;
    private readonly LogWriter? _log;
    private readonly Action<string, Exception> _fault;
    private readonly IRecordObserver[] _observers;
    private readonly Task _showing;
    private long _dropped;

    /// <param name="log">Where the lines go; null writes none.</param>
    /// <param name="fault">Is told of failures that are the gateway's own.</param>
    public UsageSink(LiveFeed feed, Stream? log, Action<string, Exception> fault, IEnumerable<IRecordObserver>? observers = null, RequestLogSettings lines = default)
    {
        _observers = [.. observers ?? []];
        _feed = feed;
        _log = log is null ? null : new LogWriter(log, lines);
        _fault = fault;
        _records = new GatheredQueue<UsageRecord>(Capacity, Gathering, () => Interlocked.Increment(ref _dropped));
        _showing = OwnThread.Run("Finished calls", ShowAll);
    }

    /// <summary>Calls that are in no log line, metric or trace, since there were too many at once; they are in the journal all the same.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Calls that are missing in the log alone, since it was not read fast enough or there was no room for it.</summary>
    public long LogLost => _log?.Lost ?? 0;

    public void Post(UsageRecord record) => _records.Add(record);

    public void Fault(string requestId, Exception exception) => _fault(requestId, exception);

    /// <summary>Hands on what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _records.TryEnd();
        await _showing;
        if (_log is not null)
        {
            await _log.DisposeAsync();
        }
    }

    private void ShowAll()
    {
        while (_records.WaitToRead())
        {
            while (_records.TryRead(out UsageRecord? record))
            {
                Show(record);
            }
        }
    }

    // A fault in one place is to cost no log line, and no other call's figures.
    private void Show(UsageRecord record)
    {
        try
        {
            _feed.Publish(record);
        }
        catch (Exception e)
        {
            Tell(record, e);
        }
        foreach (IRecordObserver observer in _observers)
        {
            try
            {
                observer.Observe(record);
            }
            catch (Exception e)
            {
                Tell(record, e);
            }
        }
        _log?.Add(record);
    }

    private void Tell(UsageRecord record, Exception exception)
    {
        try
        {
            _fault(record.RequestId, exception);
        }
        catch (Exception)
        {
            // A log that cannot be written is no reason to show no call any more.
        }
    }
}
